internal import Base
internal import CFFmpeg

/// A still is decoded as soon as it is opened, because only the decoder knows its size and how it is turned.
struct Still {
  let picture: Picture
  /// From metadata that the decoder passes over.
  let orientation: Orientation?

  /// The first picture of the file; a camera's file may hold previews behind it.
  init(
    _ demuxer: borrowing Demuxer, _ decoder: borrowing Decoder, _ packet: borrowing Packet, _ limits: DecodeLimits
  ) throws(Fault) {
    let picture = try Picture()
    var (cause, tag, ended, whole) = (String?.none, Orientation?.none, false, true)
    while true {
      switch decoder.receive(into: picture) {
      case .frame:
        try Still.refuseGiants(picture.size, limits)
        if !whole { unsafe picture.frame.pointee.flags |= AV_FRAME_FLAG_CORRUPT }
        (self.picture, orientation) = (picture, tag)
        return
      case .failed(let code) where !ended: cause = AVError.text(code)
      case .ended, .failed:
        try decoder.checkMemory()
        throw Fault(
          .badInput, "the picture is broken, or has more than the allowed \(limits.maxPixels) pixels", cause: cause)
      case .hungry:
        ended = unsafe av_read_frame(demuxer.context, packet.packet) < 0
        guard !ended else { decoder.sendEnd(); continue }
        defer { packet.drop() }
        tag = tag ?? packet.orientation
        whole = unsafe JPEGMarkers.isWhole(packet.bytes)
        let sent = decoder.send(packet)
        if sent < 0 { cause = AVError.text(sent) }
      }
    }
  }

  static func refuseGiants(_ size: Size, _ limits: DecodeLimits) throws(Fault) {
    guard limits.allows(width: size.width, height: size.height) else {
      throw Fault(
        .badInput, "a picture of \(size) is beyond the limit of \(limits.maxPixels) pixels: make it smaller")
    }
  }
}
