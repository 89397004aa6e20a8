import MediaProcess

@testable import Recordings

/// A film in fragments as a muxer writes it, of pictures whose bytes are their number.
enum DrawnFilm {
  /// Ticks between two pictures.
  static let tick = ViewPiece.timescale / 25

  /// `ftyp` and `moov`, with a sample description that `kind` tells from others.
  static func head(_ kind: UInt8 = 1) -> [UInt8] {
    var writer = BoxWriter()
    writer.box("ftyp") { $0.add("isom".utf8 + [0, 0, 2, 0] + "isom".utf8) }
    writer.box("moov") { movie in
      movie.box("mvhd") { $0.add([UInt8](repeating: 0, count: 100)) }
      movie.box("trak") { track in
        track.box("tkhd") { $0.add([UInt8](repeating: 0, count: 84)) }
        track.box("mdia") { media in
          media.box("mdhd") { $0.add([UInt8](repeating: 0, count: 24)) }
          media.box("hdlr") { $0.add([UInt8](repeating: 0, count: 8) + "vide".utf8 + [UInt8](repeating: 0, count: 13)) }
          media.box("minf") { info in
            info.box("vmhd") { $0.add([UInt8](repeating: 0, count: 12)) }
            info.box("dinf") { $0.add([UInt8](repeating: 0, count: 8)) }
            info.box("stbl") { $0.box("stsd") { $0.add([UInt8](repeating: kind, count: 24)) } }
          }
        }
      }
    }
    return writer.bytes
  }

  /// The picture of a number, a key frame each `group`, shown `moved` places behind its decoding.
  static func fragment(_ number: Int, group: Int = 25, size: Int = 100, moved: Int = 0) -> ViewPiece.Fragment {
    let (dts, isKey) = (number * tick, number % group == 0)
    var run = BoxWriter()
    run.box("moof") { moof in
      moof.full("mfhd") { $0.number(number + 1) }
      moof.box("traf") { track in
        track.box("tfhd") { box in
          box.number(0x02_0000 | 8 | 16 | 32)
          for value in [1, tick, size, isKey ? 0x0200_0000 : 0x0101_0000] { box.number(value) }
        }
        track.full("tfdt", version: 1) { $0.number(dts, 8) }
        track.box("trun") { box in
          box.number(0x801)
          for value in [1, 0, moved * tick] { box.number(value) }
        }
      }
    }
    let head = run.bytes.count
    var bytes = run.bytes
    // Where the picture stands, behind the head of `mdat`.
    let place = bytes.count - 8
    for step in 0..<4 { bytes[place + step] = UInt8(truncatingIfNeeded: (head + 8) >> (24 - step * 8)) }
    var data = BoxWriter()
    data.box("mdat") { $0.add([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)) }
    return ViewPiece.Fragment(pts: dts + moved * tick, duration: tick, isKey: isKey, bytes: bytes + data.bytes)
  }

  static func line(_ numbers: Range<Int>, group: Int = 25) -> PacketLine {
    var line = PacketLine()
    line.begin(head())
    for number in numbers { _ = line.add(fragment(number, group: group)) }
    return line
  }
}
