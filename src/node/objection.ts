/** What the file system said; anything else thrown is not its doing. */
export function objection(error: unknown, absent: string): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return absent;
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'something on the way is no directory';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission is denied';
    case 'ENOSPC':
      return 'no space is left on the device';
    case 'ERR_FS_FILE_TOO_LARGE':
      return 'it is larger than 2 GiB';
    case undefined:
      throw error;
    default:
      return `the file system refuses (${code})`;
  }
}
