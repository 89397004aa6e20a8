internal import Media

/// One picture of a recording: when it is decoded and shown, in ticks, and where its bytes stand.
struct CodedSample: Sendable, Hashable {
  var dts: Int
  var pts: Int
  var duration: Int
  var isKey: Bool
  /// Of its first byte, from where the fragment or the file begins.
  var place: Int
  var byteCount: Int

  var end: Int { place + byteCount }

  /// Of a fragment that holds one picture (ISO/IEC 14496-12, 8.8); `nil` where it is none.
  ///
  /// `bytes` may end behind the header of `mdat`.
  init?(fragment bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    guard let head = ISOBox.list(bytes).first, head.name == "moof", head.content.lowerBound == start + 8,
      let track = ISOBox.list(bytes[head.content]).first(where: { $0.name == "traf" })
    else { return nil }
    let boxes = ISOBox.list(bytes[track.content])
    guard let header = boxes.first(where: { $0.name == "tfhd" }),
      let time = boxes.first(where: { $0.name == "tfdt" }),
      let run = boxes.first(where: { $0.name == "trun" }),
      let defaults = Defaults(bytes[header.content]),
      let run = Run(bytes[run.content], defaults)
    else { return nil }
    var clock = ByteCursor(bytes[time.content])
    let dts = { $0.number($0.number(4) >> 24 == 1 ? 8 : 4) }(&clock)
    let headerEnd = head.content.upperBound - start + 8
    guard (0...Self.latest).contains(dts), run.place == headerEnd, (1...Self.mostBytes).contains(run.byteCount),
      dts + run.shift >= 0
    else { return nil }
    self.init(
      dts: dts, pts: dts + run.shift, duration: run.duration, isKey: run.flags & Self.isNoSync == 0, place: run.place,
      byteCount: run.byteCount)
  }

  init(dts: Int, pts: Int, duration: Int, isKey: Bool, place: Int, byteCount: Int) {
    (self.dts, self.pts, self.duration, self.isKey) = (dts, pts, duration, isKey)
    (self.place, self.byteCount) = (place, byteCount)
  }

  /// `sample_is_non_sync_sample`.
  private static let isNoSync = 1 << 16
  /// Ticks of some hundred thousand years.
  private static let latest = 1 << 58
  private static let mostBytes = 32 << 20

  private struct Defaults {
    var (duration, byteCount, flags) = (0, 0, 0)

    init?(_ bytes: ArraySlice<UInt8>) {
      var cursor = ByteCursor(bytes)
      let marks = cursor.number(4)
      cursor.skip(4)
      // A place of its own is no fragment's that can be moved.
      guard marks & 1 == 0 else { return nil }
      if marks & 2 != 0 { cursor.skip(4) }
      if marks & 8 != 0 { duration = cursor.number(4) }
      if marks & 16 != 0 { byteCount = cursor.number(4) }
      if marks & 32 != 0 { flags = cursor.number(4) }
    }
  }

  private struct Run {
    var place = 0
    var duration: Int
    var byteCount: Int
    var flags: Int
    var shift = 0

    init?(_ bytes: ArraySlice<UInt8>, _ defaults: Defaults) {
      (duration, byteCount, flags) = (defaults.duration, defaults.byteCount, defaults.flags)
      var cursor = ByteCursor(bytes)
      let marks = cursor.number(4)
      guard cursor.number(4) == 1, marks & 1 != 0 else { return nil }
      place = cursor.number(4)
      if marks & 4 != 0 { flags = cursor.number(4) }
      if marks & 0x100 != 0 { duration = cursor.number(4) }
      if marks & 0x200 != 0 { byteCount = cursor.number(4) }
      if marks & 0x400 != 0 { flags = cursor.number(4) }
      if marks & 0x800 != 0 { shift = Int(Int32(truncatingIfNeeded: cursor.number(4))) }
    }
  }
}
