internal import CFFmpeg

/// How the samples of a pixel format lie in memory, as far as the renderer can read them where they are.
struct PixelLayout {
  enum Kind { case yuv, gray, rgb }

  let kind: Kind
  /// Significant bits of a sample: 8 in one byte, more in two, low end first.
  let bits: Int
  /// Chroma planes are this many halvings narrower and lower.
  let chromaShift: (x: Int, y: Int)
  /// Plane of each component: luma and two chroma, or red, green, blue; a packed picture has one plane.
  let planes: [Int]
  /// Three bytes a pixel in one plane; false and red first, or true and blue first.
  let packedBlueFirst: Bool?
  let isFullRangeByName: Bool

  /// `nil` for a format that has to be converted first: palettes, alpha in between, big-endian, floats, tiles.
  init?(_ format: AVPixelFormat) {
    guard let description = unsafe av_pix_fmt_desc_get(format) else { return nil }
    let packed = format == AV_PIX_FMT_RGB24 || format == AV_PIX_FMT_BGR24
    guard let components = unsafe PixelLayout.components(unsafe description.pointee, packed: packed) else { return nil }
    let flags = unsafe Int32(truncatingIfNeeded: description.pointee.flags)
    kind = components.count == 1 ? .gray : flags & AV_PIX_FMT_FLAG_RGB != 0 ? .rgb : .yuv
    bits = Int(components[0].depth)
    planes = components.map { Int($0.plane) }
    packedBlueFirst = packed ? format == AV_PIX_FMT_BGR24 : nil
    chromaShift =
      unsafe kind == .yuv ? (Int(description.pointee.log2_chroma_w), Int(description.pointee.log2_chroma_h)) : (0, 0)
    isFullRangeByName = [
      AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P,
    ].contains(format)
  }

  /// Brightness alone, with or without alpha, in samples of at least a byte.
  static func isGray(_ format: AVPixelFormat) -> Bool {
    guard let description = unsafe av_pix_fmt_desc_get(format) else { return false }
    let flags = unsafe Int32(truncatingIfNeeded: description.pointee.flags)
    let others = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL
    return unsafe flags & others == 0 && description.pointee.nb_components <= 2
  }

  /// The one or three components to read, if each has a plane of its own in plain samples; alpha is left out.
  private static func components(_ description: AVPixFmtDescriptor, packed: Bool) -> [AVComponentDescriptor]? {
    let flags = unsafe Int32(truncatingIfNeeded: description.flags)
    let refused =
      AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL
      | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT
    guard flags & refused == 0 else { return nil }
    let all = unsafe [description.comp.0, description.comp.1, description.comp.2]
    if packed { return all }
    guard unsafe description.nb_components != 2 else { return nil }
    let used = unsafe Array(all.prefix(description.nb_components == 1 ? 1 : 3))
    let plain = used.allSatisfy {
      $0.shift == 0 && $0.offset == 0 && (8...16).contains($0.depth) && $0.depth == used[0].depth
        && $0.step == ($0.depth > 8 ? 2 : 1)
    }
    return plain && Set(used.map(\.plane)).count == used.count ? used : nil
  }
}
