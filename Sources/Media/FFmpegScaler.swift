internal import Base
internal import CFFmpeg

/// libswscale for pictures of one kind: to RGB in another size, as the `ffmpeg` command has it unless it is told otherwise.
///
/// It interpolates bicubically over all samples, lets two pixels of the target share their chroma, and takes colours from tables, which makes them
/// about one level darker than they are. Networks that were trained on its pixels expect that. With these flags its quick ways give what its
/// plain C gives, on every processor.
@safe final class FFmpegScaler {
  struct Kind: Hashable {
    var format: Int32
    var source: Size
    var target: Size
    var color: Color
  }

  let kind: Kind
  private let context: OpaquePointer

  /// What the picture leaves unsaid is BT.601 at every size, as FFmpeg has it.
  init(_ kind: Kind) throws(Fault) {
    let context = unsafe sws_getContext(
      Int32(kind.source.width), Int32(kind.source.height), AVPixelFormat(rawValue: kind.format),
      Int32(kind.target.width), Int32(kind.target.height), AV_PIX_FMT_RGB24,
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nil, nil, nil)
    guard let context = unsafe context else {
      throw Fault(.unsupported, "FFmpeg does not scale \(kind.source) to \(kind.target): use another interpolation")
    }
    let weights = unsafe sws_getCoefficients(kind.color.matrixByFFmpeg.swscaleNumber)
    _ = unsafe sws_setColorspaceDetails(
      context, weights, kind.color.isFullRange ? 1 : 0, weights, 1, 0, 1 << 16, 1 << 16)
    self.kind = kind
    unsafe self.context = context
  }

  deinit { unsafe sws_freeContext(context) }

  /// Packed RGB of the source, whose planes are told as FFmpeg tells them.
  func scale(_ source: AVFrame, _ workspace: Workspace) throws(Fault) -> Plane {
    let (width, height) = (kind.target.width, kind.target.height)
    let out = workspace.plane(.scaled, 0, width: width * 3, height: height)
    var (bases, strides) = unsafe (source.data, source.linesize)
    typealias Base = UnsafeMutablePointer<UInt8>?
    var target: (Base, Base, Base, Base) = unsafe (out.base, nil, nil, nil)
    var targetStrides = (Int32(out.stride), Int32(0), Int32(0), Int32(0))
    let rows = unsafe withUnsafePointer(to: &bases) { bases in
      unsafe withUnsafePointer(to: &strides) { strides in
        unsafe withUnsafePointer(to: &target) { target in
          unsafe withUnsafePointer(to: &targetStrides) { targetStrides in
            unsafe sws_scale(
              context, UnsafeRawPointer(bases).assumingMemoryBound(to: UnsafePointer<UInt8>?.self),
              UnsafeRawPointer(strides).assumingMemoryBound(to: Int32.self), 0, Int32(kind.source.height),
              UnsafeRawPointer(target).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
              UnsafeRawPointer(targetStrides).assumingMemoryBound(to: Int32.self))
          }
        }
      }
    }
    try AVError.require(rows, "scale a picture")
    return out.plane(width: width, height: height)
  }
}

extension Renderer {
  /// Red, green and blue of the part under `source`, in the size of the target before it is turned.
  func scaledByFFmpeg(_ source: Rect, _ width: Int, _ height: Int, _ workspace: Workspace) throws(Fault) -> Planes {
    var part = geometry.coded(under: source)
    // Whole samples of chroma, as FFmpeg cuts.
    let (oddX, oddY) = (part.x % (1 << layout.chromaShift.x), part.y % (1 << layout.chromaShift.y))
    part = (part.x - oddX, part.y - oddY, part.width + oddX, part.height + oddY)
    let kind = FFmpegScaler.Kind(
      format: picture.format.rawValue, source: Size(width: part.width, height: part.height),
      target: Size(width: width, height: height), color: color)
    let scaler: FFmpegScaler
    if let made = workspace.scaler, made.kind == kind { scaler = made } else { scaler = try FFmpegScaler(kind) }
    workspace.scaler = scaler
    return Yuv.split(try unsafe scaler.scale(planes(from: part.x, part.y), workspace), workspace)
  }

  /// The picture's pointers and strides, beginning at a pixel.
  private func planes(from x: Int, _ y: Int) -> AVFrame {
    var frame = unsafe picture.frame.pointee
    let bytes = layout.packedBlueFirst == nil ? (layout.bits + 7) / 8 : 3
    let isChroma = { (index: Int) in layout.kind == .yuv && (index == 1 || index == 2) }
    let offset = { (index: Int, stride: Int32) in
      let shift = isChroma(index) ? layout.chromaShift : (x: 0, y: 0)
      return (y >> shift.y) * Int(stride) + (x >> shift.x) * bytes
    }
    unsafe frame.data.0 = frame.data.0.map { unsafe $0 + offset(0, frame.linesize.0) }
    unsafe frame.data.1 = frame.data.1.map { unsafe $0 + offset(1, frame.linesize.1) }
    unsafe frame.data.2 = frame.data.2.map { unsafe $0 + offset(2, frame.linesize.2) }
    unsafe frame.data.3 = frame.data.3.map { unsafe $0 + offset(3, frame.linesize.3) }
    return unsafe frame
  }
}
