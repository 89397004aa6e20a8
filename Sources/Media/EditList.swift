internal import Base
internal import Glibc

/// The length of an MP4 or QuickTime film that was just written, as its header has it.
///
/// Muxers count a film's length from its last sample. Where pictures are in it only because others are made of them, it ends earlier: then
/// the edit list of every track is cut there, and so are the lengths that header and tracks name (ISO/IEC 14496-12, 8.2.2, 8.3.2, 8.6.6).
enum EditList {
  /// Cuts the film at `path` to so many ticks of its own clock.
  static func limit(_ path: String, toTicks ticks: Int) throws(Fault) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    defer { close(descriptor) }
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else { throw SystemError.last.fault("read", path) }
    let boxes = ISOBox.walk(byteCount: Int(facts.st_size)) { read(descriptor, $0..<$0 + $1) }
    guard let movie = boxes.first(where: { $0.name == "moov" }) else {
      throw Fault(.bug, "the film that was written has no header")
    }
    var bytes = read(descriptor, movie.content)
    guard bytes.count == movie.content.count, limit(&bytes, toTicks: ticks) else {
      throw Fault(.bug, "the header of the film that was written is not understood")
    }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe pwrite(
          descriptor, bytes.baseAddress! + written, bytes.count - written,
          off_t(movie.content.lowerBound + written))
      }
      guard count > 0 else { throw SystemError.last.fault("write", path) }
      written += count
    }
  }

  /// The same for the content of `moov`; false where it is not as it must be.
  static func limit(_ movie: inout [UInt8], toTicks ticks: Int) -> Bool {
    let boxes = ISOBox.list(movie[...])
    guard let header = boxes.first(where: { $0.name == "mvhd" }) else { return false }
    shorten(&movie, header, short: 16, long: 24, ticks)
    for track in boxes where track.name == "trak" {
      let parts = ISOBox.list(movie[track.content])
      guard let header = parts.first(where: { $0.name == "tkhd" }),
        let edits = parts.first(where: { $0.name == "edts" }),
        let list = ISOBox.list(movie[edits.content]).first(where: { $0.name == "elst" })
      else { return false }
      shorten(&movie, header, short: 20, long: 28, ticks)
      cut(&movie, list, ticks)
    }
    return true
  }

  /// A length that stands at one of two places, by the version of its box.
  private static func shorten(_ movie: inout [UInt8], _ box: ISOBox, short: Int, long: Int, _ ticks: Int) {
    let isLong = movie[box.content.lowerBound] == 1
    let place = box.content.lowerBound + (isLong ? long : short)
    lower(&movie, place, isLong ? 8 : 4, to: ticks)
  }

  private static func cut(_ movie: inout [UInt8], _ list: ISOBox, _ ticks: Int) {
    let width = movie[list.content.lowerBound] == 1 ? 8 : 4
    var head = ByteCursor(movie[list.content].dropFirst(4))
    var (left, place) = (ticks, list.content.lowerBound + 8)
    for _ in 0..<head.number(4) where place + width <= list.content.upperBound {
      // None may be empty: that would mean all that follows.
      left -= lower(&movie, place, width, to: max(1, left))
      place += 2 * width + 4
    }
  }

  /// Puts a number in place of a greater one, and answers what stands there then.
  @discardableResult
  private static func lower(_ movie: inout [UInt8], _ place: Int, _ width: Int, to most: Int) -> Int {
    var cursor = ByteCursor(movie[place..<min(place + width, movie.count)])
    let old = cursor.number(width)
    guard old > most, place + width <= movie.count else { return old }
    for step in 0..<width { movie[place + step] = UInt8(truncatingIfNeeded: most >> (8 * (width - 1 - step))) }
    return most
  }

  /// As many of these bytes as there are.
  private static func read(_ descriptor: Int32, _ range: Range<Int>) -> [UInt8] {
    var (bytes, count) = ([UInt8](repeating: 0, count: range.count), 0)
    while count < range.count {
      let got = unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe pread(descriptor, bytes.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
      }
      guard got > 0 else { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }
}
