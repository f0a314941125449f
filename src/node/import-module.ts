/**
 * Loads a module that is known by its address only. In a file of its own, which stays outside of the bundled command
 * line: a script that runs from the engine's code cache cannot import.
 */
export const importModule = (url: string): Promise<object> => import(url) as Promise<object>;
