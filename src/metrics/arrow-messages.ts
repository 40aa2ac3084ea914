import { FlatTable } from './flat-table.ts';

/** What an Arrow file begins and ends with (Arrow columnar format, "IPC File Format"). */
const MAGIC = 'ARROW1';

/** The magic and its padding; the IPC stream inside the file begins here. */
const STREAM_OFFSET_BYTES = 8;

/** The continuation marker and the length that come before the metadata of a message. */
const MESSAGE_PREFIX_BYTES = 8;

/** What marks the beginning of a message. */
const CONTINUATION = -1;

/** `bodyLength` among the fields of a Message (Message.fbs). */
const BODY_LENGTH_FIELD = 3;

/** What of an Arrow file can be read. */
export interface ReadableArrow {
  /** False for a file without its footer. */
  readonly isComplete: boolean;
  /** The whole file, or the messages of its stream of which both the metadata and the body are there. */
  readonly bytes: Uint8Array;
}

/** An Arrow file that is none, or that ends before its schema; `path` is only named. */
export class ArrowFileError extends Error {
  override name = 'ArrowFileError';
}

/** What can be read of a file: all, or of one that was cut off, such as a `.partial`, the messages that are complete. */
export function readableArrow(bytes: Uint8Array, path: string): ReadableArrow {
  if (!hasMagicAt(bytes, 0)) throw new ArrowFileError(`${path} is not an Arrow file`);
  const isComplete = bytes.length > 2 * MAGIC.length && hasMagicAt(bytes, bytes.length - MAGIC.length);
  if (isComplete) return { isComplete, bytes };
  const end = endOfCompleteMessages(bytes);
  if (end === STREAM_OFFSET_BYTES) throw new ArrowFileError(`${path} ends before its schema`);
  return { isComplete, bytes: bytes.subarray(STREAM_OFFSET_BYTES, end) };
}

function hasMagicAt(bytes: Uint8Array, offset: number): boolean {
  return [...MAGIC].every((letter, index) => bytes[offset + index] === letter.charCodeAt(0));
}

function endOfCompleteMessages(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = STREAM_OFFSET_BYTES;
  while (end + MESSAGE_PREFIX_BYTES <= bytes.length) {
    const metadataOffset = end + MESSAGE_PREFIX_BYTES;
    const metadataBytes = view.getInt32(end + 4, true);
    const bodyOffset = metadataOffset + metadataBytes;
    if (view.getInt32(end, true) !== CONTINUATION || metadataBytes <= 0 || bodyOffset > bytes.length) break;
    const messageEnd = bodyOffset + bodyBytes(view, metadataOffset);
    if (messageEnd > bytes.length) break;
    end = messageEnd;
  }
  return end;
}

/** `bodyLength` of the message that begins at `offset`; 0 is its default and takes no room. */
function bodyBytes(view: DataView, offset: number): number {
  const field = FlatTable.root(view, offset).field(BODY_LENGTH_FIELD);
  return field === null ? 0 : Number(view.getBigInt64(field, true));
}
