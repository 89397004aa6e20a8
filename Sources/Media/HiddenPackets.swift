internal import CFFmpeg

/// Which pictures of a decoder stand outside the edit list, where it does not tell that itself.
///
/// Packets outside it are decoded, since others lean on them, and not shown. FFmpeg before 6.0 forgets that with decoders that it asks for frames,
/// as it does libdav1d. Pictures leave in the order of their packets, so a queue of timestamps tells whose one is; timestamps alone would not: behind an
/// edit that begins between entries they come a second time.
final class HiddenPackets {
  private var inside: [(timestamp: Int64, isHidden: Bool)] = []
  /// Those before it are done with.
  private var first = 0

  /// `nil` for decoders that tell it.
  init?(_ codec: AVCodecID) {
    guard codec == AV_CODEC_ID_AV1 else { return nil }
  }

  func enter(_ timestamp: Int64, isHidden: Bool) {
    if first > 1024 {
      inside.removeFirst(first)
      first = 0
    }
    inside.append((timestamp, isHidden))
  }

  /// Takes the packet of a picture out, and those before it, which made none.
  func leave(_ timestamp: Int64) -> Bool {
    guard let place = inside[first...].firstIndex(where: { $0.timestamp == timestamp }) else { return false }
    first = place + 1
    return inside[place].isHidden
  }

  func clear() {
    inside.removeAll()
    first = 0
  }
}
