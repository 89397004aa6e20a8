internal import Base
internal import CFFmpeg

/// Pixel formats that differ from a plain one only in how their samples lie in memory.
///
/// Gray beside alpha or high end first, colours of 16 bits in one plane or high end first: they are put in order, and read by the same
/// rule as the plain ones.
struct ScatteredSamples {
  let target: AVPixelFormat
  private let components: [AVComponentDescriptor]
  private let isBigEndian: Bool

  init?(_ format: AVPixelFormat) {
    guard let description = unsafe av_pix_fmt_desc_get(format) else { return nil }
    let flags = unsafe Int32(truncatingIfNeeded: description.pointee.flags)
    let refused =
      AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER
      | AV_PIX_FMT_FLAG_FLOAT
    guard flags & refused == 0 else { return nil }
    let all = unsafe [description.pointee.comp.0, description.pointee.comp.1, description.pointee.comp.2]
    let isGray = PixelLayout.isGray(format)
    let depth = Int(all[0].depth)
    components = isGray ? [all[0]] : all
    guard isGray || flags & AV_PIX_FMT_FLAG_RGB != 0 && depth == 16, components.allSatisfy({ $0.shift == 0 }),
      let target = Self.target(isGray, depth)
    else { return nil }
    self.target = target
    isBigEndian = flags & AV_PIX_FMT_FLAG_BE != 0
  }

  private static func target(_ isGray: Bool, _ depth: Int) -> AVPixelFormat? {
    guard isGray else { return AV_PIX_FMT_GBRP16LE }
    return [
      8: AV_PIX_FMT_GRAY8, 9: AV_PIX_FMT_GRAY9LE, 10: AV_PIX_FMT_GRAY10LE, 12: AV_PIX_FMT_GRAY12LE,
      14: AV_PIX_FMT_GRAY14LE, 16: AV_PIX_FMT_GRAY16LE,
    ][depth]
  }

  /// The same samples in the target's order.
  func ordered(_ picture: Picture) throws(Fault) -> Picture {
    let out = try Picture(format: target, size: picture.size)
    guard let layout = PixelLayout(target) else { return out }
    for (index, component) in components.enumerated() {
      let plane = out.plane(index, layout)
      let (base, stride) = unsafe picture.samples(Int(component.plane))
      for y in 0..<plane.height {
        let from = unsafe base + y * stride + Int(component.offset)
        let to = unsafe UnsafeMutablePointer(mutating: plane.base) + y * plane.stride
        unsafe copy(from, Int(component.step), to, plane.width, isWide: plane.bits > 8)
      }
    }
    return out
  }

  private func copy(
    _ from: UnsafePointer<UInt8>, _ step: Int, _ to: UnsafeMutablePointer<UInt8>, _ count: Int, isWide: Bool
  ) {
    guard isWide else {
      for x in 0..<count { unsafe to[x] = from[x * step] }
      return
    }
    let (low, high) = isBigEndian ? (1, 0) : (0, 1)
    for x in 0..<count {
      unsafe to[2 * x] = from[x * step + low]
      unsafe to[2 * x + 1] = from[x * step + high]
    }
  }
}

extension Picture {
  /// Start of one of the first four planes, and bytes from row to row.
  fileprivate func samples(_ plane: Int) -> (base: UnsafePointer<UInt8>, stride: Int) {
    let (data, strides) = unsafe (frame.pointee.data, frame.pointee.linesize)
    let base = unsafe [data.0, data.1, data.2, data.3][plane]
    return unsafe (UnsafePointer(base!), Int([strides.0, strides.1, strides.2, strides.3][plane]))
  }
}
