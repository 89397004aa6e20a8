internal import Base
internal import CFFmpeg

/// A packet that waits, with its bytes.
final class KeptPacket {
  let byteCount: Int
  private let packet: Packet

  /// Takes the bytes out of `packet`.
  init(_ packet: borrowing Packet) throws(Fault) {
    byteCount = unsafe packet.bytes.count
    self.packet = try Packet(from: packet)
  }

  func send(to decoder: borrowing Decoder, tag: Int) -> Int32 { decoder.send(packet, tag: tag) }
}

extension Picture {
  /// The number that was given to the decoder with its packet.
  var tag: Int? { unsafe Timestamp.known(frame.pointee.pts) }
  var isKey: Bool { unsafe ridley_av_is_key_frame(frame) != 0 }
  /// The decoder said that parts are missing or guessed.
  var isCorrupt: Bool {
    unsafe frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0
  }
}
