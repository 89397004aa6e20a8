public import Base
internal import CFFmpeg

/// The order of the samples of a pixel in rendered bytes.
public enum PixelOrder: String, Sendable, Hashable, CaseIterable {
  case rgb
  case bgr
  case gray

  /// Bytes of one pixel.
  public var channels: Int { self == .gray ? 1 : 3 }
}

/// One decoded picture with its time.
///
/// It stays in the decoder's planes until it is rendered, and holds that memory as long as it lives: keep few.
public struct Frame: Sendable {
  /// Position in the order of output, from 0.
  public private(set) var index: Int
  /// Presentation timestamp in the stream's time base (FFmpeg's best effort); `nil` where the file gives none.
  public private(set) var pts: Int?
  /// Seconds: the timestamp times the time base; a missing one follows from the frame before and its duration.
  public private(set) var time: Double
  public let isKeyFrame: Bool
  /// Which of the film's cells it lies in, from 0: what only fades from frame to frame begins anew with each (``FrameCells``).
  ///
  /// 0 throughout where nothing is known of a film's entries.
  public let cell: Int
  /// The decoder said that parts are missing or guessed.
  public let isCorrupt: Bool
  /// The picture as people see it: turned upright, with square pixels.
  public let size: Size

  let picture: Picture
  private let look: PixelInterpretation
  private let geometry: Geometry
  private let workspaces: WorkspacePool

  init(
    _ picture: Picture, _ place: FramePlace, _ geometry: Geometry, _ look: PixelInterpretation,
    _ workspaces: WorkspacePool
  ) {
    (index, pts, time, cell) = (place.index, place.pts, place.time, place.cell)
    (isKeyFrame, isCorrupt) = (picture.isKey, picture.isCorrupt)
    size = geometry.upright
    (self.picture, self.geometry, self.look, self.workspaces) = (picture, geometry, look, workspaces)
  }

  /// The same picture as the frame of the film that it shows.
  public func told(as origin: Rendition.Origin) -> Frame {
    var told = self
    (told.index, told.pts, told.time) = (origin.index, origin.pts, origin.time)
    return told
  }

  /// Renders a part of the picture, scaled, into a part of an interleaved 8-bit picture.
  ///
  /// `bytes` holds exactly `size.area` pixels of ``PixelOrder/channels`` bytes, rows from top to bottom, no gaps.
  /// `source` is what to show, in upright pixels; edges are clipped to the picture, and rounded to coded pixels unless Pillow's way of
  /// interpolation is asked for, which takes fractions.
  /// `target` is where it goes, in whole pixels inside `size`, not empty; every byte outside becomes `pad`.
  ///
  /// Colours follow the picture's matrix and range. Gray is luma at full range, or BT.601 luma of an RGB picture. An
  /// RGB picture that is not scaled is copied exactly. Any thread; frames rendered at once do not disturb each other.
  public func render(
    into bytes: inout MutableRawSpan, size: Size, source: Rect, target: Rect, order: PixelOrder, pad: UInt8,
    interpolation: Interpolation = .halving
  ) throws(Fault) {
    precondition(bytes.byteCount == size.area * order.channels, "the bytes must be exactly one picture of the size")
    precondition((source.x + source.y + source.right + source.bottom).isFinite, "a part of a picture has finite edges")
    precondition(
      target.x >= 0 && target.y >= 0 && target.width >= 1 && target.height >= 1
        && Int(target.right) <= size.width && Int(target.bottom) <= size.height, "the target must lie in the picture")
    let workspace = workspaces.take()
    defer { workspaces.give(workspace) }
    var renderer = try renderer(workspace)
    renderer.interpolation = interpolation
    try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(Fault) in
      try unsafe renderer.render(
        into: buffer, size: size, source: source, target: target, order: order, pad: pad, workspace)
    }
  }

  /// The whole upright picture, three bytes a pixel, red first, scaled to `size` or in its own; for people's eyes.
  public func rgb(size: Size? = nil) throws(Fault) -> [UInt8] {
    try pixels(of: self.size.rect, size: size ?? self.size, order: .rgb)
  }

  /// Brightness of a part of the upright picture, a byte a pixel, scaled to `size`; `region` is in pixels of it.
  public func gray(_ region: Rect, size: Size) throws(Fault) -> [UInt8] {
    try pixels(of: region, size: size, order: .gray)
  }

  private func pixels(of region: Rect, size: Size, order: PixelOrder) throws(Fault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size.area * order.channels)
    var pixels = bytes.mutableSpan
    var span = unsafe pixels.mutableBytes
    try render(into: &span, size: size, source: region, target: size.rect, order: order, pad: 0)
    return bytes
  }

  /// Reads the picture where it is, or in a converted copy that is made once.
  private func renderer(_ workspace: Workspace) throws(Fault) -> Renderer {
    if let layout = look.layout {
      return Renderer(picture: picture, layout: layout, color: look.color, geometry: geometry)
    }
    let copy = try picture.readable(look.color, workspace)
    return Renderer(picture: copy, layout: PixelLayout(copy.format)!, color: look.color, geometry: geometry)
  }
}

/// Where a frame stands in its stream.
struct FramePlace {
  var index: Int
  var pts: Int?
  var time: Double
  /// See ``Frame/cell``.
  var cell = 0
}
