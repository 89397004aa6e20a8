internal import Base
internal import Ingest

/// Pictures of a camera at this machine, as the thread that has it hands them on.
final class DeviceFeed: UnitFeed {
  private let descriptor: Int32
  private(set) var format: VideoFormat?
  private(set) var lostPackets = 0
  private static let clockRate = 90_000

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func date(of unit: AccessUnit) -> Double? { nil }

  func run(_ body: (AccessUnit) throws(Fault) -> Void) throws(Fault) -> RTSPReceiver.Ending {
    while let head = read(DevicePicture.headCount) {
      let picture = try DevicePicture(head: head)
      guard let bytes = read(picture.byteCount) else { break }
      let codec = picture.code == .h264 ? VideoFormat.Codec.h264 : .mjpeg
      if format == nil { format = VideoFormat(codec, clockRate: Self.clockRate, parameters: []) }
      lostPackets += picture.lost
      let isKey = codec == .mjpeg || picture.isKey || Self.isKey(bytes)
      try body(
        AccessUnit(
          bytes: bytes, time: Int(picture.captured / 1000 * 9 / 100), isKey: isKey,
          isWhole: picture.lost == 0 || codec == .mjpeg,
          arrival: picture.captured...picture.captured))
    }
    return .closed
  }

  /// Whether a picture that stands alone, or the parameters before one, are among its units; few cameras say so themselves.
  private static func isKey(_ bytes: [UInt8]) -> Bool {
    for place in bytes.indices.dropLast(3) where bytes[place] == 0 && bytes[place + 1] == 0 && bytes[place + 2] == 1 {
      if [5, 7].contains(bytes[place + 3] & 0x1f) { return true }
    }
    return false
  }

  /// So many bytes; `nil` where they do not all come.
  private func read(_ count: Int) -> [UInt8]? {
    var (whole, block) = ([UInt8](), [UInt8](repeating: 0, count: min(count, 1 << 16)))
    whole.reserveCapacity(count)
    while whole.count < count {
      if count - whole.count < block.count { block.removeLast(block.count - (count - whole.count)) }
      guard let found = try? Descriptor.read(descriptor, into: &block), found > 0 else { return nil }
      whole += block[..<found]
    }
    return whole
  }
}
