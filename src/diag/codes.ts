/**
 * The catalogue of diagnostics. A code never changes meaning; retired codes stay listed.
 * 1xxx import, 2xxx shapes, 3xxx stacks, 4xxx tiles, 5xxx allocation, 6xxx mapping and cost,
 * 8xxx usage, hardware and plugins, 9xxx internal.
 */
import type { Severity } from './diagnostic.js';

export interface CatalogueEntry {
  /** Whose matter it is: your input, a limit of ours, a legitimate answer, or a bug of ours. */
  readonly kind: 'invalid' | 'unsupported' | 'infeasible' | 'usage' | 'bug';
  readonly severity: Severity;
  readonly title: string;
  /** What it means and what to do, for `defines explain`. */
  readonly explanation: string;
}

const entry = (
  kind: CatalogueEntry['kind'],
  severity: Severity,
  title: string,
  explanation: string,
): CatalogueEntry => ({ kind, severity, title, explanation });

export const CATALOGUE = {
  // 1xxx import
  DF1001: entry(
    'invalid',
    'error',
    'model file cannot be read',
    'The path does not exist, is a directory, or may not be read. Check the path.',
  ),
  DF1002: entry(
    'invalid',
    'error',
    'model file is empty',
    'The file has no bytes; a download or an export has probably failed. Fetch or export it again.',
  ),
  DF1003: entry(
    'invalid',
    'error',
    'not an ONNX file',
    'The bytes are not an ONNX model in protobuf form. The message says what they look like instead: text, an archive, a Git LFS pointer. Unpack, fetch or export the model itself.',
  ),
  DF1004: entry(
    'invalid',
    'error',
    'model file is truncated',
    'The file begins like an ONNX model and ends in the middle of a message. Download or export it again and compare the size.',
  ),
  DF1005: entry(
    'invalid',
    'error',
    'ir_version is missing',
    'Every ONNX model states the version of the file format. The bytes decode, but they are not a model. Check that the file is an ONNX model and not, say, a single tensor.',
  ),
  DF1006: entry(
    'invalid',
    'error',
    'graph is missing',
    'The model has a header and no graph: there is nothing to compile. Export it again.',
  ),
  DF1007: entry(
    'invalid',
    'error',
    'opset_import is missing',
    'The model does not say which version of the ONNX operators it uses, so their meaning is unknown. Export it again with an operator set from 7 to 26.',
  ),
  DF1008: entry(
    'unsupported',
    'warning',
    'operator set is older than supported',
    'Operator sets 7 to 26 are supported. An older model is tried: operators that have not changed since are read correctly. Convert the model to a newer operator set to be sure.',
  ),
  DF1009: entry(
    'unsupported',
    'warning',
    'operator set is newer than supported',
    'Operator sets 7 to 26 are supported. A newer model is tried: operators that have not changed since are read correctly. Export the model with operator set 26 or lower to be sure.',
  ),
  DF1010: entry(
    'invalid',
    'error',
    'number outside the exact range',
    'A dimension or version is negative or above 2^53 - 1, where integers are no longer exact. Such a model is damaged. Export it again.',
  ),
  DF1011: entry(
    'invalid',
    'warning',
    'numbers of a constant are ignored',
    'The stored numbers of a small tensor or an attribute do not match its type and shape, or are too large to be exact. Its shape is used, its numbers are not. Shapes that depend on them stay unknown.',
  ),
  DF1012: entry(
    'unsupported',
    'warning',
    'unknown element type',
    'The model uses an element type number that ONNX did not define when this program was written. It is kept by number; where its size in bits is needed, that is an error.',
  ),
  DF1013: entry(
    'unsupported',
    'error',
    'element type has no known size',
    'Sizes in memory follow from the bits of the element type. Strings and unknown types have none. Remove the operator that produces them, or store them in another type.',
  ),
  DF1014: entry(
    'invalid',
    'error',
    'attribute has the wrong type',
    'The operator needs this attribute in another type and nothing harmless leads there. Fix the exporter, or the attribute in the file.',
  ),
  DF1015: entry(
    'invalid',
    'warning',
    'attribute read as another type',
    'The attribute is stored in another type than the operator defines, and its value says clearly what is meant (for example group stored as a list of one). It is read that way. Fix the exporter to silence this.',
  ),
  DF1016: entry(
    'invalid',
    'error',
    'tensor is defined by nothing',
    'A node or the graph reads a tensor that is neither a graph input, nor an initializer, nor the output of any node. Probably a misspelt name, or a node lost while editing the model.',
  ),
  DF1017: entry(
    'invalid',
    'error',
    'tensor is defined twice',
    'Every tensor of a graph has exactly one definition. Rename one of the two.',
  ),
  DF1018: entry(
    'invalid',
    'error',
    'graph has a cycle',
    'A node depends on its own output, so that no order of execution exists. The message follows the cycle once around. ONNX graphs are acyclic; loops are written with Loop or Scan.',
  ),
  DF1019: entry(
    'invalid',
    'error',
    'local function calls itself',
    'Local functions are inlined, so that a function that reaches itself, directly or through others, never ends. Write the loop with Loop or Scan.',
  ),
  DF1020: entry(
    'unsupported',
    'note',
    'graph inputs taken as weights',
    'These graph inputs are read only where an operator expects weights, and their shapes are fixed. They are taken as constants, as if the model had stored them. Store them as initializers to silence this.',
  ),
  DF1021: entry(
    'unsupported',
    'warning',
    'Dropout is kept',
    'Dropout is the identity when a network runs and is removed. This one is in training mode, or its mask is read, so it stays an operator of its own. Export the model for inference.',
  ),
  DF1022: entry(
    'invalid',
    'error',
    'graph has no outputs',
    'A model without outputs computes nothing. Declare the result tensors as graph outputs.',
  ),
  DF1023: entry(
    'invalid',
    'error',
    'call does not match the local function',
    'A node passes more inputs or asks for more outputs than the local function of that name declares. Fix the node or the function.',
  ),
  DF1024: entry(
    'unsupported',
    'error',
    'model stays too large after inlining',
    'Local functions that call one another many times over multiply the nodes. Above one million nodes the import stops. Simplify the model.',
  ),
  DF1030: entry(
    'invalid',
    'error',
    'layer table is no YAML or JSON',
    'The text of the layer table cannot be parsed at the place named in the message. Correct it there.',
  ),
  DF1031: entry(
    'invalid',
    'error',
    'layer table breaks its schema',
    'A key of the layer table is missing, misspelt or of the wrong type. The format is described in schemas/layers-v1.schema.json.',
  ),
  DF1032: entry(
    'invalid',
    'error',
    'layer table contradicts itself',
    'An equation, relation or producer in the layer table does not make sense: the message names the layer and the key. Producers come before their consumers.',
  ),
  DF1033: entry(
    'invalid',
    'warning',
    'channel counts of a layer table clash',
    'An operand of the table takes more channels than its producer makes; some published tables join branches of unlike width this way. The numbers are taken as declared. Correct the table if it is your own.',
  ),
  DF1034: entry(
    'usage',
    'warning',
    'an option has no effect on a layer table',
    'Layer tables state sizes and precisions themselves. Options that set them for ONNX models (--precision, --dim) are not used. Change the table instead.',
  ),
  DF1090: entry(
    'bug',
    'error',
    'graph is out of order',
    'After a pass, a node of the graph facet reads a tensor that is defined later. The pass that ran last is at fault; report it with the model.',
  ),
  DF1091: entry(
    'bug',
    'error',
    'graph defines a tensor twice',
    'After a pass, a tensor of the graph facet has two definitions. The pass that ran last is at fault; report it with the model.',
  ),
  DF1092: entry(
    'bug',
    'error',
    'graph reads an undefined tensor',
    'After a pass, a tensor of the graph facet is read and defined by nothing. The pass that ran last is at fault; report it with the model.',
  ),
  DF1093: entry(
    'bug',
    'error',
    'graph repeats a node name',
    'After a pass, two nodes of the graph facet have one name, or a node has none. The pass that ran last is at fault; report it with the model.',
  ),
  // 2xxx shapes
  DF2001: entry(
    'invalid',
    'error',
    'input size is not known',
    'An input has a symbolic or unknown dimension, or no shape at all, and sizes are never guessed. Bind the dimension with --dim name=size, or --dim tensor.axis=size where it has no name.',
  ),
  DF2002: entry(
    'usage',
    'error',
    'bound size is impossible',
    'A dimension was bound to something that is no positive whole number. Give it a size of at least 1.',
  ),
  DF2003: entry(
    'invalid',
    'error',
    'shapes do not fit together',
    'The operands of a node have ranks or sizes that its operator cannot combine. The message gives both. Check the model, or the sizes bound with --dim.',
  ),
  DF2004: entry(
    'invalid',
    'error',
    'attribute or shape value is out of range',
    'An attribute, axis or size has a value that the operator does not allow. The message names it. Fix the exporter or the model.',
  ),
  DF2005: entry(
    'invalid',
    'error',
    'operand is missing',
    'The operator requires an input that the node leaves out. Connect it, or export the model again.',
  ),
  DF2006: entry(
    'unsupported',
    'error',
    'shape depends on data',
    'The size of a tensor follows from numbers that exist only while the network runs, so no static schedule exists. Export the model with fixed shapes, or store the shapes of these tensors in the model (value_info): they are then used.',
  ),
  DF2007: entry(
    'unsupported',
    'error',
    'operator without a shape rule',
    'The operator is not known here and the model does not declare fixed shapes of its outputs. Store them in the model (value_info), or express the operator in ONNX operators.',
  ),
  DF2008: entry(
    'invalid',
    'warning',
    'declared shape contradicts inference',
    'The model declares another shape or type for a tensor than its operators yield. The inferred one is used. Usually the model was edited after its shapes were stored: run shape inference on it again.',
  ),
  DF2009: entry(
    'usage',
    'warning',
    'dimension binding is not used',
    'A name given with --dim is neither a symbol in the shape of an input nor an axis written as tensor.axis. Check the spelling; defines inspect lists the inputs.',
  ),
  DF2010: entry(
    'unsupported',
    'warning',
    'declared shape is trusted',
    'The shape of these tensors cannot be inferred, so the one stored in the model is used unchecked. The cost of what follows is as right as that declaration.',
  ),
  DF2090: entry(
    'bug',
    'error',
    'shapes are inconsistent',
    'After a pass, the shapes facet misses a tensor of the graph, names one twice, or holds an impossible size. The pass named in the message is at fault.',
  ),
  DF2100: entry(
    'unsupported',
    'warning',
    'operator has a generic cost',
    'No loop nest is known for this operator. It is charged as one visit to its largest output, with every input read once and whole; its share is in the coverage figure. Fusion ends before it.',
  ),
  DF2101: entry(
    'invalid',
    'error',
    'nothing to schedule',
    'After constants are folded away and views are resolved no layer is left. Compile a model that computes something from its inputs.',
  ),
  DF2102: entry(
    'unsupported',
    'note',
    'float tensors take the precision of the accelerator',
    'Floating-point tensors are taken as numbers of the precisions that the accelerator states; integer, 4-bit and 8-bit float types keep their own size. Set others with --precision.',
  ),
  DF2103: entry(
    'unsupported',
    'warning',
    'pads are ignored',
    'The profile knows no padding: sizes of all maps follow from the outputs of the network, back through kernels and strides, so that early layers grow. The message compares the work. Use the default profile for padded networks.',
  ),
  DF2104: entry(
    'unsupported',
    'note',
    'operators without effect on the outputs',
    'Some operators compute tensors that no output depends on. They are left out of the schedule.',
  ),
  DF2190: entry(
    'bug',
    'error',
    'layers are out of order',
    'After a pass, a layer reads a map that a later layer makes. The pass named in the message is at fault.',
  ),
  DF2191: entry(
    'bug',
    'error',
    'layers or maps share a name',
    'After a pass, two layers or two feature maps have the same id, or a map has two producers. The pass named in the message is at fault.',
  ),
  DF2192: entry(
    'bug',
    'error',
    'layer refers to a map that does not exist',
    'After a pass, an operand, an output or an alias names a feature map that the workload does not have. The pass named in the message is at fault.',
  ),
  DF2193: entry(
    'bug',
    'error',
    'loop nest does not match its map',
    'After a pass, the loops that index the output of a layer do not make the number of elements its map has, or a size is not a positive whole number. The pass named in the message is at fault.',
  ),
  DF2194: entry(
    'bug',
    'error',
    'region is impossible',
    'After a pass, an operand reads more elements per pixel, columns or rows than its map has, or a region has a stride, dilation or kernel below 1. The pass named in the message is at fault.',
  ),
  // 3xxx stacks
  DF3001: entry(
    'usage',
    'error',
    'a cut names no layer',
    'Cuts are given by the names of the layers after which to cut. The name is not one of this model. `defines inspect` lists the layers.',
  ),
  DF3002: entry(
    'usage',
    'error',
    'a cut is not legal',
    'A stack has one sink, and no map inside it is used outside. The layers between two of the given cuts break this. The message says how; the help lists cuts near by that are always legal.',
  ),
  DF3003: entry(
    'unsupported',
    'note',
    'cuts were added',
    'Some operators need a whole map before they can start (a global pool, a flatten before a matrix product): the layer before them ends its stack, so a cut was added there.',
  ),
  DF3090: entry(
    'bug',
    'error',
    'stacks do not partition the layers',
    'Stacks are stretches of the topological order of the layers, and every layer is in exactly one. Profiles that follow the published model evaluate the first layer twice where its cut is lost (Q1): a note there. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF3091: entry(
    'bug',
    'error',
    'a stack is not closed',
    'A stack has one sink, its last layer. The map of another layer of it is read inside, and only there. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF3092: entry(
    'bug',
    'error',
    'a stack is malformed',
    'A stack has an id by its position, at least one layer, a tile of positive whole sizes or full, one of the three modes, and hands its output over in a memory that inputs and outputs share. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF3093: entry(
    'bug',
    'error',
    'a stack needs the whole of a map it makes',
    'An operand that needs a whole map (a global pool, the other side of a product of activations) has its producer in an earlier stack. On the input path this is not asked in profiles that follow the published model, which treats such operands like windows. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  // 4xxx tiles
  DF4090: entry(
    'bug',
    'error',
    'tiles do not cover the output once',
    'Classes of columns and rows add up to the grid and to the map of the sink, tile types to every pair of classes, and the origin is a single tile. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF4091: entry(
    'bug',
    'error',
    'needed data is neither held nor fresh',
    'Along each axis, what an operand needs has been kept by the tile before or is made by this one. Lagging branches and strides beyond the kernel break this in the published model (Q16, Q17): a note in profiles that follow it. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF4092: entry(
    'bug',
    'error',
    'recomputed MACs contradict the mode',
    'MACs of a stack are those of its tiles. Recomputed ones are not negative, and none where everything is kept that neighbouring tiles share. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF4093: entry(
    'bug',
    'error',
    'tiles do not match their stack',
    'Every stack is tiled in order, with its own layers, mode and tile, and its columns and rows speak of exactly these layers and their maps. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  // 5xxx allocation
  DF5001: entry(
    'infeasible',
    'error',
    'a layer fits no choice of memory levels',
    'Some memory cannot hold even the smallest piece of an operand, or no loop order fits between the levels. The message gives the demand, the capacity and the gap; the help names what would change it.',
  ),
  DF5090: entry(
    'bug',
    'error',
    'a stack is not allocated',
    'Every stack is allocated, tile type by tile type and layer by layer as they run, or is infeasible for a demand beyond its bound. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF5091: entry(
    'bug',
    'error',
    'data is off its memory path',
    'Top levels, caches, patches and both ends of every copy are memories of the path they belong to. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF5092: entry(
    'bug',
    'error',
    'row cache below the column cache',
    'Rows kept for the next row of tiles wait at the level of the kept columns or above it. The published model breaks this (Q5): a note in profiles that follow it. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF5093: entry(
    'bug',
    'error',
    'resident data exceeds a memory',
    'What a layer reads and writes in a memory fits there beside the weights and caches that stay. The published model does not reserve that room (Q5, Q29): a note in profiles that follow it. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF5094: entry(
    'bug',
    'error',
    'an allocated size is not that of its tile',
    'Bits of weights, inputs and outputs follow from the layers and from the sizes of the tile. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  // 6xxx mapping and cost
  DF6001: entry(
    'unsupported',
    'error',
    'too many loop orders to try them all',
    'The temporal mapper tries every order of the loop factors of a layer tile. Without a limit on the factors their number explodes on large tiles. Set --lpf-limit 8 or lower: the smallest factors of a loop are then merged.',
  ),
  DF6050: entry(
    'invalid',
    'error',
    'a mapping file is no YAML or JSON',
    'The text breaks the syntax of YAML, of which JSON is a part. The place is where reading stopped. Correct the text there.',
  ),
  DF6051: entry(
    'invalid',
    'error',
    'a mapping file has a wrong form',
    'A key is missing, unknown, or has a value that is not allowed. docs/mapping.md describes the format, and schemas/mapping-v1.schema.json is the same for editors.',
  ),
  DF6052: entry(
    'invalid',
    'error',
    'a mapping is given for an unknown layer',
    'No layer of the network has this name. Layers go by the names in the report; post-operations and views are no layers of their own. The inspect command lists them.',
  ),
  DF6053: entry(
    'invalid',
    'error',
    'a mapping is given for an unknown tile type',
    'The stack of the layer has no tile type of this name. Names depend on the grid of tiles, so they change with the tile size and the cuts; the report lists them per stack.',
  ),
  DF6054: entry(
    'invalid',
    'error',
    'a mapping is given where the layer does not run',
    'In tiles of this type everything the layer makes is there already, left by tiles before, so it has no loops there. Take the mapping out.',
  ),
  DF6055: entry(
    'invalid',
    'error',
    'given loops do not make up the tile',
    'Per dimension, the given loops must multiply to the temporal iterations of the layer in this tile, which are its size divided by the unrolling on the array and rounded up, or to a divisor of them: what is left is then searched. Factors may be any, not only primes.',
  ),
  DF6056: entry(
    'invalid',
    'error',
    'a mapping names a memory that is not open',
    'A loop is given a memory that does not exist, does not hold the operand, or lies above the top memory of the operand in this tile, or the layer has no such operand. The help lists what is open.',
  ),
  DF6057: entry(
    'invalid',
    'error',
    'levels of a mapping go down',
    'From the innermost loop outwards the memories of an operand may only rise: a loop further out repeats everything inside it. Reorder the loops or name a higher memory.',
  ),
  DF6058: entry(
    'infeasible',
    'error',
    'a given mapping does not fit',
    'Some memory cannot hold the data that the loops given to it touch. The message gives the demand, the capacity and the gap. A given mapping is never replaced by another one, so the stack of the layer has no result.',
  ),
  DF6059: entry(
    'invalid',
    'error',
    'two mappings are given for one layer tile',
    'A layer has at most one mapping per tile type, and one without a type for all others. Take one of the two out.',
  ),
  DF6060: entry(
    'invalid',
    'warning',
    'a given mapping is not used',
    'Every tile type of the layer has a mapping of its own, or the pipeline ends before anything is mapped. The result does not depend on this mapping.',
  ),
  DF6061: entry(
    'invalid',
    'error',
    'a mapping is given after memory is allocated',
    'The run starts from a dump that has memory levels already. They were chosen without this mapping, which needs higher ones or does not fit between them. Start from an earlier dump or from the model, so that levels are allocated for the mapping.',
  ),
  DF6090: entry(
    'bug',
    'error',
    'costs do not add up',
    'Layers and copies add up to tiles, tiles times their counts to stacks, and stacks to the totals, in every part of energy and latency. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF6091: entry(
    'bug',
    'error',
    'the parts of a cost do not add up',
    'Energy is that of the MACs and of every memory, latency the sum of the parts that the profile counts. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF6092: entry(
    'bug',
    'error',
    'a cost is no sane number',
    'Costs are finite and not negative, and the MACs costed are those that were tiled. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF6093: entry(
    'bug',
    'error',
    'costs do not match what is allocated',
    'Every feasible stack is costed: tile types with the counts of its tiles, layers and copies as they were allocated. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  DF6094: entry(
    'bug',
    'error',
    'a mapping does not fit its layer tile',
    'A mapping iterates over the whole layer tile, unrolls on dimensions the array has, and holds operands in memories of their path that only rise from the innermost loop outwards. If the pass is a plugin, mend the plugin; if it is built in, report it with the command and the model.',
  ),
  // 8xxx usage, hardware, plugins
  // command line and pipelines: 8001-8099
  DF8001: entry(
    'usage',
    'error',
    'command line not understood',
    'An unknown command or option, a missing or a surplus argument. The caret shows the word; defines --help, or --help after a command, lists what there is.',
  ),
  DF8002: entry(
    'usage',
    'error',
    'pipeline string not understood',
    'A pipeline is a list of passes separated by commas; options of a pass stand in braces behind its name, separated by spaces: choose-tiles{tile=14x14 mode=fully-cached}. Values with spaces or braces are written in double quotes. The caret shows where reading stopped.',
  ),
  DF8003: entry(
    'usage',
    'error',
    'pass in the wrong place',
    'A pass needs a facet of the IR that no earlier pass has made, or that has become stale because an earlier facet was made again after it. The pipeline is refused before anything runs. defines passes lists what each pass needs and makes.',
  ),
  DF8004: entry(
    'usage',
    'error',
    'unknown pass',
    'No pass of this name is registered. defines passes lists all of them.',
  ),
  DF8005: entry(
    'usage',
    'error',
    'pass option not understood',
    'The pass has no such option, or the value is not one it accepts. defines passes lists the options of every pass with their defaults.',
  ),
  DF8006: entry(
    'usage',
    'error',
    'unknown pipeline',
    'No pipeline of this name is registered. defines passes lists the named pipelines; --passes takes a pipeline string.',
  ),
  DF8007: entry(
    'usage',
    'error',
    'options exclude each other',
    'Two options decide the same thing. A pipeline given by --passes or --pipeline carries tile, mode and stacks as options of its passes: choose-tiles{tile=60x72 mode=fully-cached}, partition-stacks{by=auto}. Drop one of the two.',
  ),
  DF8008: entry(
    'usage',
    'error',
    'option value not accepted',
    'The value of a command-line option is none of those it takes. The help line says what is expected.',
  ),
  DF8009: entry(
    'usage',
    'error',
    'output cannot be written',
    'The file or folder named for output cannot be created: a folder on the way is missing, a file stands where a folder is needed or the other way round, or permission is denied. This is checked before anything is computed.',
  ),
  DF8010: entry(
    'usage',
    'error',
    'unknown diagnostic code',
    'Codes are DF and four digits. docs/errors.md lists all of them.',
  ),
  DF8011: entry(
    'invalid',
    'error',
    'IR dump cannot be read',
    'The file is no JSON dump of the IR, or a part of it does not follow schemas/ir-v1.schema.json. Dumps are written by --dump-dir and by --stop-after with --format json.',
  ),
  DF8012: entry(
    'unsupported',
    'error',
    'IR dump of another version',
    'Dumps carry the version of their format. Versions other than the one of this program are refused, never guessed. Make the dump again.',
  ),
  DF8013: entry(
    'invalid',
    'error',
    'IR dump contradicts itself',
    'The dump has the right form, but a verifier found broken invariants: an id that names nothing, layers out of order, sizes that do not add up. Dumps edited by hand are the usual reason.',
  ),
  // differences of dumps and replays: 8350-8399
  DF8350: entry(
    'invalid',
    'error',
    'reproducer cannot be read',
    'The file is no reproducer, or a part of it does not follow schemas/reproducer-v1.schema.json. Reproducers are written by --reproducer when a run fails.',
  ),
  DF8351: entry(
    'unsupported',
    'error',
    'reproducer of another version',
    'Reproducers carry the version of their format. Versions other than the one of this program are refused, never guessed. Replay it with the version of the program that wrote it, or let the run fail again with this one.',
  ),
  DF8352: entry(
    'usage',
    'note',
    'reproducer written',
    'The run failed and --reproducer was given: the file named in the message holds the IR before the failing pass, the passes from there on, and the accelerator. defines replay runs it again; it can be sent along with a report.',
  ),
  DF8353: entry(
    'usage',
    'note',
    'the failure did not happen again',
    'The reproducer records a failure that this program does not show: it has been mended since, or it depended on something outside the file. The message names the failure.',
  ),
  // hardware descriptions: 8100-8199
  DF8100: entry(
    'invalid',
    'error',
    'not a readable YAML or JSON text',
    'The text of the description breaks the rules of YAML (JSON is YAML too): wrong indentation, a duplicate key, an unclosed bracket. The message gives line and column; correct the text there.',
  ),
  DF8101: entry(
    'invalid',
    'error',
    'the accelerator description does not follow its schema',
    'A key is missing, unknown or misspelt, or a value has the wrong type. The format is described in docs/hardware.md and in schemas/accelerator-v1.schema.json; editors that know JSON schemas complete and check it while you type.',
  ),
  DF8102: entry(
    'invalid',
    'error',
    'unknown array dimension',
    'A name under spatial or serves is not among the dimensions of the array. Array dimensions are declared under array.dims.',
  ),
  DF8103: entry(
    'invalid',
    'error',
    'two memories with one name',
    'Memories are named in reports and dumps, so a name must be unique. Rename one of them.',
  ),
  DF8104: entry(
    'invalid',
    'error',
    'impossible size or width',
    'Sizes must come to a positive whole number of bits, and a granularity cannot exceed the width of a full access.',
  ),
  DF8105: entry(
    'invalid',
    'error',
    'a memory above divides what a memory below shares',
    'If one instance of a low memory serves an array dimension, every memory above it on the same operand must serve that dimension too: instances can only get fewer on the way up.',
  ),
  DF8106: entry(
    'invalid',
    'error',
    'ports do not match the transfers',
    'Each transfer of each operand a memory holds takes exactly one port: inputs and weights toLow and (below the top) fromHigh; outputs toLow and fromLow and (below the top) toHigh and fromHigh. Ports r.. read (toLow, toHigh), ports w.. write (fromLow, fromHigh), ports rw.. do both.',
  ),
  DF8107: entry(
    'invalid',
    'error',
    'no shared top memory',
    'Weights, inputs and outputs must all end in the same highest memory: it feeds the network and holds the feature maps between stacks.',
  ),
  DF8108: entry(
    'invalid',
    'warning',
    'an array dimension stays idle',
    'Nothing is listed under spatial for this dimension of the array, so no layer will ever use more than one of its units. List the loop dimensions it may unroll.',
  ),
  DF8109: entry(
    'usage',
    'error',
    'unknown accelerator',
    'The name is neither a built-in accelerator (defines accelerators lists them) nor a file. A path contains a slash or ends in .yaml, .yml or .json.',
  ),
  DF8110: entry(
    'usage',
    'error',
    'the accelerator file cannot be read',
    'The path does not exist, is a directory, or may not be read. Check the path and its permissions.',
  ),
  // 9xxx internal
  DF9001: entry(
    'bug',
    'error',
    'internal error',
    'An invariant of this program does not hold. Report it with the command and the model.',
  ),
  DF9002: entry(
    'bug',
    'error',
    'verifier rejected the output of a pass',
    'A pass produced a facet that breaks an invariant. If it is a pass of yours, the terms say what to mend; if it is a built-in pass, report it with the command and the model.',
  ),
} as const satisfies Record<`DF${number}`, CatalogueEntry>;

export type Code = keyof typeof CATALOGUE;
