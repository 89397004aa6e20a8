"""PNG without a library: rows without a filter."""
import struct
import zlib


def encoded(width, height, row, channels=3, level=1):
    """`row(y)` gives the bytes of a row; of 1 channel or 3."""
    pack = zlib.compressobj(level)
    data = b"".join(pack.compress(b"\0" + row(y)) for y in range(height)) + pack.flush()

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def write(path, pixels):
    """An array of rows, columns and three channels, 8 bits each."""
    with open(path, "wb") as file:
        file.write(encoded(pixels.shape[1], pixels.shape[0], lambda y: pixels[y].tobytes()))
