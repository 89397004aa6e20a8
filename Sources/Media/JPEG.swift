public import Base
internal import CFFmpeg
internal import CYUV

/// Pictures for people, in the format that everything shows.
public enum JPEG {
  /// Encodes packed RGB, rows from top to bottom without gaps, as baseline JPEG with 4:2:0 chroma.
  ///
  /// `quality` is 1 to 100, about what libjpeg means by it.
  public static func encode(rgb: [UInt8], size: Size, quality: Int = 85) throws(Fault) -> [UInt8] {
    precondition(rgb.count == size.area * 3, "the bytes must be exactly one picture of the size")
    guard size.width > 0, size.height > 0, max(size.width, size.height) <= 65_500 else {
      throw Fault(.unsupported, "a JPEG picture of \(size) pixels cannot be written: its sides go from 1 to 65500")
    }
    let scale = quantiser(quality)
    let encoder = unsafe try Encoder("mjpeg", purpose: "write JPEG pictures") { context in
      unsafe context.pointee.width = Int32(size.width)
      unsafe context.pointee.height = Int32(size.height)
      unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
      unsafe context.pointee.time_base = AVRational(num: 1, den: 25)
      unsafe context.pointee.color_range = AVCOL_RANGE_JPEG
      unsafe context.pointee.flags |= AV_CODEC_FLAG_QSCALE
      unsafe context.pointee.global_quality = FF_QP2LAMBDA * Int32(scale)
      unsafe context.pointee.thread_count = 1
    }
    let picture = try Picture(format: AV_PIX_FMT_YUVJ420P, size: size)
    unsafe picture.frame.pointee.quality = FF_QP2LAMBDA * Int32(scale)
    unsafe picture.frame.pointee.pts = 0
    fill(picture, rgb, size)
    let packet = try Packet()
    try encoder.send(picture)
    guard try encoder.receive(packet) else { throw Fault(.bug, "the JPEG encoder gave no picture") }
    return unsafe Array(UnsafeBufferPointer(start: packet.packet.pointee.data, count: Int(packet.packet.pointee.size)))
  }

  private static func fill(_ picture: Picture, _ rgb: [UInt8], _ size: Size) {
    let data = unsafe picture.frame.pointee.data
    let strides = unsafe picture.frame.pointee.linesize
    // "RAW" is libyuv's name for red first in memory.
    _ = unsafe RAWToJ420(
      rgb, Int32(size.width * 3), data.0, strides.0, data.1, strides.1, data.2, strides.2,
      Int32(size.width), Int32(size.height))
  }

  /// The quantiser, 1 to 31, that costs about what libjpeg's quality does.
  ///
  /// FFmpeg scales the MPEG-1 matrix by q/8, libjpeg its own by (200 − 2·quality)/100 or 50/quality; around the middle
  /// frequencies 14 times the second factor gives the same steps.
  static func quantiser(_ quality: Int) -> Int {
    let quality = Double(min(100, max(1, quality)))
    let factor = quality >= 50 ? (200 - 2 * quality) / 100 : 50 / quality
    return min(31, max(1, Int((14 * factor).rounded())))
  }
}
