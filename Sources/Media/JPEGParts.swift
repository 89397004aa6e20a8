public import Base

/// Takes JPEG pictures out of bytes in which they stand one after the other, whatever stands between them.
///
/// Cameras agree neither on boundaries, nor on the heads of parts, nor on line ends: what counts is how a picture itself begins and ends, which its segments
/// tell (ITU-T T.81, annex B). Nothing is decoded. One thread at a time; it waits for as long as its reading does.
public final class JPEGParts {
  /// Of one picture, and of what is none between two of them.
  private static let (mostPicture, mostNoise) = (32 << 20, 16 << 20)

  private let read: StreamDemuxer.Read
  private var bytes: [UInt8] = []
  /// Where what is not looked at yet begins, and where the picture at hand does.
  private var place = 0
  private var start: Int?
  /// Behind the head of a scan, where pictures have no lengths.
  private var isInScan = false
  /// Bytes since the last picture, pictures, and whether anything but them came.
  private var (noise, count, hasWords) = (0, 0, false)

  public init(read: @escaping StreamDemuxer.Read) { self.read = read }

  /// The next picture; `nil` at the end.
  ///
  /// - Throws: `badInput` where there is none for too long, `tooLarge`, `unsupported` for a single one, and what reading throws.
  public func next() throws(Fault) -> StreamDemuxer.Unit? {
    while true {
      if let found = try look() {
        (count, noise) = (count + 1, 0)
        return StreamDemuxer.Unit(codec: .mjpeg, bytes: found, pts: nil, dts: nil, isKey: true, isWhole: true)
      }
      drop()
      guard noise <= Self.mostNoise else {
        throw Fault(.badInput, "there is no picture in \(Self.mostNoise >> 20) MiB of what came")
      }
      guard bytes.count <= Self.mostPicture else {
        throw Fault(.tooLarge, "a JPEG picture does not end within \(Self.mostPicture >> 20) MiB")
      }
      let more = try read(1 << 16)
      guard !more.isEmpty else {
        guard count != 1 || hasWords else {
          throw Fault(.unsupported, "the address has one JPEG picture, and no stream: give that of the camera's stream")
        }
        return nil
      }
      bytes += more
    }
  }

  /// Drops what is not needed any more.
  private func drop() {
    let end = start ?? place
    bytes.removeFirst(end)
    place -= end
    if start != nil { start = 0 }
  }

  /// Goes on through what is there; the picture where one ends.
  private func look() throws(Fault) -> [UInt8]? {
    while true {
      guard let start else {
        guard find() else { return nil }
        continue
      }
      guard let isOver = isInScan ? scan() : segment() else { return nil }
      guard isOver else { continue }
      self.start = nil
      return Array(bytes[start..<place])
    }
  }

  /// Looks for the beginning of a picture.
  private func find() -> Bool {
    while place + 2 < bytes.count {
      if bytes[place] == 0xFF, bytes[place + 1] == 0xD8, bytes[place + 2] == 0xFF {
        (start, place, isInScan) = (place, place + 2, false)
        return true
      }
      (place, noise, hasWords) = (place + 1, noise + 1, hasWords || bytes[place] > 13)
    }
    return false
  }

  /// Goes over the segment at hand; whether the picture is over, and `nil` where more has to come.
  private func segment() -> Bool? {
    guard place + 2 <= bytes.count else { return nil }
    guard bytes[place] == 0xFF else { return giveUp() }
    switch bytes[place + 1] {
    case 0xFF: place += 1
    case 0xD9:
      place += 2
      return true
    case 0x01, 0xD0...0xD7: place += 2
    case 0x00, 0xD8: return giveUp()
    case let kind:
      guard place + 4 <= bytes.count else { return nil }
      let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
      guard length >= 2 else { return giveUp() }
      guard place + 2 + length <= bytes.count else { return nil }
      (place, isInScan) = (place + 2 + length, kind == 0xDA)
    }
    return false
  }

  /// Goes through what a scan's head is followed by, up to the next marker.
  private func scan() -> Bool? {
    // Most bytes of a stream go through here.
    let bytes = bytes
    var place = place
    defer { self.place = place }
    while place + 1 < bytes.count {
      guard bytes[place] == 0xFF, bytes[place + 1] != 0x00, !(0xD0...0xD7).contains(bytes[place + 1]) else {
        place += bytes[place] == 0xFF ? 2 : 1
        continue
      }
      isInScan = false
      return false
    }
    return nil
  }

  /// It is no picture, or was cut off; what comes may be the next one.
  private func giveUp() -> Bool {
    noise += place - (start ?? place)
    start = nil
    return false
  }
}
