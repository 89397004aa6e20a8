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

  /// Luma and chroma of one size to red, green and blue.
  static func mix(_ planes: [Plane], _ colour: Colour, _ workspace: Workspace) -> [Plane] {
    let (width, height) = (planes[0].width, planes[0].height)
    let out = (0..<3).map { workspace.plane(.mixed, $0, width: width, height: height) }
    let (y, u, v) = (planes[0], planes[1], planes[2])
    let (red, green, blue) = (out[0], out[1], out[2])
    let (factors, black) = (colour.factors, Int32(colour.isFullRange ? 0 : 16))
    for row in 0..<height {
      unsafe ridley_yuv_row(
        y.base + row * y.stride, u.base + row * u.stride, v.base + row * v.stride, red.base + row * red.stride,
        green.base + row * green.stride, blue.base + row * blue.stride, Int32(width), black, factors)
    }
    return out.map { $0.plane(width: width, height: height) }
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
