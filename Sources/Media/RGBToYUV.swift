internal import Base
internal import CFFmpeg

/// Turns packed RGB into the encoder's planes: BT.709, limited range, 4:2:0.
@safe struct RGBToYUV: ~Copyable {
  private let context: OpaquePointer
  private let size: Size
  private let even: Size
  /// The packed picture, with the room behind its rows that the converter may read.
  private let canvas: Picture

  init(from size: Size, to even: Size) throws(Fault) {
    let canvas = try Picture(format: AV_PIX_FMT_RGB24, size: even)
    let context = unsafe sws_getContext(
      Int32(even.width), Int32(even.height), AV_PIX_FMT_RGB24, Int32(even.width), Int32(even.height),
      AV_PIX_FMT_YUV420P, SWS_BILINEAR | SWS_ACCURATE_RND, nil, nil, nil)
    guard let context = unsafe context else {
      throw Fault(.exhausted, "there is not enough memory to convert pictures")
    }
    let weights = unsafe sws_getCoefficients(SWS_CS_ITU709)
    _ = unsafe sws_setColorspaceDetails(context, weights, 1, weights, 0, 0, 1 << 16, 1 << 16)
    unsafe self.context = context
    (self.canvas, self.size, self.even) = (canvas, size, even)
  }

  deinit { unsafe sws_freeContext(context) }

  /// A new picture, because the encoder may still hold the one before.
  func paint(_ rgb: [UInt8]) throws(Fault) -> Picture {
    fill(rgb)
    let picture = try Picture(format: AV_PIX_FMT_YUV420P, size: even)
    try AVError.require(unsafe sws_scale_frame(context, picture.frame, canvas.frame), "convert a picture")
    return picture
  }

  /// Copies the rows; where the size is odd, the last column and the last row stand twice.
  private func fill(_ rgb: [UInt8]) {
    let stride = unsafe Int(canvas.frame.pointee.linesize.0)
    let out = unsafe canvas.frame.pointee.data.0!
    unsafe rgb.withUnsafeBufferPointer { bytes in
      for y in 0..<even.height {
        let from = unsafe bytes.baseAddress! + min(y, size.height - 1) * size.width * 3
        let to = unsafe out + y * stride
        unsafe to.update(from: from, count: size.width * 3)
        if even.width > size.width { unsafe (to + size.width * 3).update(from: to + (size.width - 1) * 3, count: 3) }
      }
    }
  }
}
