internal import CYUV

/// The interleaved picture that is being filled, and the ways planes become its pixels.
@safe struct Canvas {
  let bytes: UnsafeMutableRawBufferPointer
  let stride: Int

  func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
    unsafe bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) + y * stride
  }

  static func copy(_ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ stride: Int) {
    unsafe CopyPlane(plane.base, Int32(plane.stride), out, Int32(stride), Int32(plane.width), Int32(plane.height))
  }

  /// Three planes side by side, the first one first.
  static func merge(_ planes: [Plane], _ out: UnsafeMutablePointer<UInt8>, _ stride: Int) {
    unsafe MergeRGBPlane(
      planes[0].base, Int32(planes[0].stride), planes[1].base, Int32(planes[1].stride),
      planes[2].base, Int32(planes[2].stride), out, Int32(stride), Int32(planes[0].width), Int32(planes[0].height))
  }

  /// Luma and chroma of one size to colours.
  static func mix(
    _ planes: [Plane], _ colour: Colour, redFirst: Bool, _ out: UnsafeMutablePointer<UInt8>, _ stride: Int
  ) {
    let matrix: Int32 = colour.matrix == .bt601 ? 0 : colour.matrix == .bt709 ? 1 : 2
    _ = unsafe ridley_yuv_to_rgb(
      planes[0].base, Int32(planes[0].stride), planes[1].base, Int32(planes[1].stride),
      planes[2].base, Int32(planes[2].stride), out, Int32(stride), matrix, colour.isFullRange ? 1 : 0,
      redFirst ? 1 : 0, Int32(planes[0].width), Int32(planes[0].height))
  }

  /// Red, green and blue to brightness: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), in 1/65536.
  static func weigh(_ planes: [Plane], _ out: UnsafeMutablePointer<UInt8>, _ stride: Int) {
    for y in 0..<planes[0].height {
      let red = unsafe planes[0].base + y * planes[0].stride
      let green = unsafe planes[1].base + y * planes[1].stride
      let blue = unsafe planes[2].base + y * planes[2].stride
      let row = unsafe out + y * stride
      for x in 0..<planes[0].width {
        let sum = unsafe 19_595 * UInt32(red[x]) + 38_470 * UInt32(green[x]) + 7_471 * UInt32(blue[x]) + 32_768
        unsafe row[x] = UInt8(truncatingIfNeeded: sum >> 16)
      }
    }
  }
}
