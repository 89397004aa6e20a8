internal import Base
internal import CFFmpeg
internal import Synchronization

/// A decoded picture as FFmpeg holds it, freed when the last one lets go.
///
/// `@unchecked Sendable`: filled once by its maker, then only read; FFmpeg counts references to buffers atomically.
@safe final class Picture: @unchecked Sendable {
  let frame: UnsafeMutablePointer<AVFrame>
  private let copy = Mutex<Picture?>(nil)

  init() throws(Fault) {
    guard let frame = unsafe av_frame_alloc() else {
      throw Fault(.exhausted, "there is not enough memory for a picture")
    }
    unsafe self.frame = frame
  }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Lets go of what it holds, to be filled anew.
  func clear() {
    unsafe av_frame_unref(frame)
    copy.withLock { $0 = nil }
  }

  var size: Size { unsafe Size(width: Int(frame.pointee.width), height: Int(frame.pointee.height)) }
  var format: AVPixelFormat { unsafe AVPixelFormat(rawValue: frame.pointee.format) }

  /// One of the first three planes, whole; chroma planes are as small as the layout says, rounded up.
  func plane(_ component: Int, _ layout: PixelLayout) -> Plane {
    let data = unsafe frame.pointee.data
    let strides = unsafe frame.pointee.linesize
    let index = layout.planes[component]
    let base = unsafe index == 0 ? data.0 : index == 1 ? data.1 : data.2
    let stride = index == 0 ? strides.0 : index == 1 ? strides.1 : strides.2
    let shift = component == 0 ? (x: 0, y: 0) : layout.chromaShift
    return unsafe Plane(
      base: UnsafePointer(base!), stride: Int(stride),
      width: (size.width + (1 << shift.x) - 1) >> shift.x, height: (size.height + (1 << shift.y) - 1) >> shift.y,
      bits: layout.bits)
  }

  /// The same picture in a plain order of samples, or else as 8-bit packed RGB, for formats whose samples the renderer cannot read in
  /// place; made once.
  func readable(_ color: Color, _ workspace: Workspace) throws(Fault) -> Picture {
    try copy.withLock { kept throws(Fault) -> Picture in
      if let kept { return kept }
      let copy: Picture
      if let samples = ScatteredSamples(format) {
        copy = try samples.ordered(self)
      } else {
        copy = try converted(color, workspace)
      }
      kept = copy
      return copy
    }
  }

  private func converted(_ color: Color, _ workspace: Workspace) throws(Fault) -> Picture {
    let out = try Picture()
    let (width, height) = unsafe (frame.pointee.width, frame.pointee.height)
    unsafe out.frame.pointee.width = width
    unsafe out.frame.pointee.height = height
    unsafe out.frame.pointee.format = AV_PIX_FMT_RGB24.rawValue
    try AVError.require(unsafe av_frame_get_buffer(out.frame, 0), "convert a picture")
    let context = unsafe sws_getCachedContext(
      workspace.converter, width, height, format, width, height, AV_PIX_FMT_RGB24,
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nil, nil, nil)
    unsafe workspace.converter = context
    guard let context = unsafe context else {
      let name = unsafe AVError.name(av_get_pix_fmt_name(format))
      throw Fault(.unsupported, "pictures in the pixel format \(name) cannot be read: convert the file")
    }
    let weights = unsafe sws_getCoefficients(color.matrix.swscaleNumber)
    _ = unsafe sws_setColorspaceDetails(
      context, weights, color.isFullRange ? 1 : 0, weights, 1, 0, 1 << 16, 1 << 16)
    try AVError.require(unsafe sws_scale_frame(context, out.frame, frame), "convert a picture")
    return out
  }
}

/// Pictures that are filled again once they are let go, so that no memory is asked for in the steady state.
///
/// One thread at a time takes; a picture comes back by being let go, on any thread.
final class PicturePool {
  private var pictures: [Picture] = []

  /// An empty picture.
  func take() throws(Fault) -> Picture {
    for index in pictures.indices where isKnownUniquelyReferenced(&pictures[index]) {
      pictures[index].clear()
      return pictures[index]
    }
    let picture = try Picture()
    if pictures.count < Self.limit { pictures.append(picture) }
    return picture
  }

  /// More than this are in use only where they are kept.
  private static let limit = 64
}
