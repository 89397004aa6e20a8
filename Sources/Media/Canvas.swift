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
  static func merge(_ planes: Planes, _ out: UnsafeMutablePointer<UInt8>, _ stride: Int) {
    unsafe MergeRGBPlane(
      planes[0].base, Int32(planes[0].stride), planes[1].base, Int32(planes[1].stride),
      planes[2].base, Int32(planes[2].stride), out, Int32(stride), Int32(planes[0].width), Int32(planes[0].height))
  }

  /// Luma and chroma of one size to red, green and blue.
  static func mix(_ planes: Planes, _ color: Color, _ workspace: Workspace) -> Planes {
    let (width, height) = (planes.first.width, planes.first.height)
    let room = { (index: Int) in workspace.plane(.mixed, index, width: width, height: height) }
    let (red, green, blue) = (room(0), room(1), room(2))
    let (y, u, v) = (planes.first, planes.second, planes.third)
    let (factors, black) = (color.factors, Int32(color.isFullRange ? 0 : 16))
    for row in 0..<height {
      unsafe ridley_yuv_row(
        y.base + row * y.stride, u.base + row * u.stride, v.base + row * v.stride, red.base + row * red.stride,
        green.base + row * green.stride, blue.base + row * blue.stride, Int32(width), black, factors)
    }
    return Planes { ($0 == 0 ? red : $0 == 1 ? green : blue).plane(width: width, height: height) }
  }

  /// Red, green and blue to brightness: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), in 1/65536.
  static func weigh(_ planes: Planes, _ out: UnsafeMutablePointer<UInt8>, _ stride: Int) {
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
