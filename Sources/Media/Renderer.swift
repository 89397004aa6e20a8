internal import Base
internal import CFFmpeg
internal import CYUV
internal import Glibc

/// From the planes of a picture to interleaved bytes: crop, scale, turn, colour, each on as little as possible.
struct Renderer {
  let picture: Picture
  let layout: PixelLayout
  let color: Color
  let geometry: Geometry
  var interpolation = Interpolation.halving

  /// Fills `bytes`, a picture of `size`, with `source` in `target` and `pad` around it.
  func render(
    into bytes: UnsafeMutableRawBufferPointer, size: Size, source: Rect, target: Rect, order: PixelOrder, pad: UInt8,
    _ workspace: Workspace
  ) throws(Fault) {
    let channels = order.channels
    let canvas = unsafe Canvas(bytes: bytes, stride: size.width * channels)
    let (x, y, width, height) = (Int(target.x), Int(target.y), Int(target.width), Int(target.height))
    if width < size.width || height < size.height { _ = unsafe memset(bytes.baseAddress!, Int32(pad), bytes.count) }
    let kind = interpolation == .ffmpeg ? .rgb : layout.kind
    let planes = try fitted(source, width, height, lumaOnly: order == .gray && kind != .rgb, workspace)
    let out = unsafe canvas.row(y) + x * channels
    switch (order, kind) {
    case (.gray, .rgb): unsafe Canvas.weigh(planes, out, canvas.stride)
    case (.gray, _): unsafe Canvas.copy(stretched(planes.first, workspace), out, canvas.stride)
    case (_, .gray):
      unsafe Canvas.merge(Planes(all: stretched(planes.first, workspace)), out, canvas.stride)
    default:
      let colors = kind == .rgb ? planes : Canvas.mix(planes, color, workspace)
      unsafe Canvas.merge(order == .rgb ? colors : colors.reversed, out, canvas.stride)
    }
  }

  /// The planes that are needed, cut to `source`, in the size of the target, upright, 8 bits.
  private func fitted(
    _ source: Rect, _ width: Int, _ height: Int, lumaOnly: Bool, _ workspace: Workspace
  ) throws(Fault) -> Planes {
    let quarter = geometry.orientation.isQuarterTurn
    let (w, h) = quarter ? (height, width) : (width, height)
    let turn = { (plane: Plane, component: Int) in Yuv.turn(plane, geometry.orientation, workspace, component) }
    let isOne = lumaOnly || layout.kind == .gray
    switch interpolation {
    case .halving:
      let planes = cut(geometry.coded(under: source), workspace)
      let upright = { (component: Int) in
        turn(Yuv.fit(planes[component], width: w, height: h, workspace, component), component)
      }
      return isOne ? Planes(all: upright(0)) : Planes(upright)
    case .bilinear, .bicubic:
      let (planes, part) = (cut(whole, workspace), geometry.codedPart(under: source))
      let upright = { (component: Int) in
        let shift = component == 0 ? (x: 0, y: 0) : layout.chromaShift
        let (x, y) = (1 / Double(1 << shift.x), 1 / Double(1 << shift.y))
        let here = Rect(x: part.x * x, y: part.y * y, width: part.width * x, height: part.height * y)
        return turn(
          Resampler.fit(
            planes[component], under: here, width: w, height: h, interpolation == .bicubic ? .bicubic : .bilinear,
            columnsFirst: quarter, workspace, component), component)
      }
      return isOne ? Planes(all: upright(0)) : Planes(upright)
    case .ffmpeg:
      let planes = try scaledByFFmpeg(source, w, h, workspace)
      return Planes { turn(planes[$0], $0) }
    }
  }

  private typealias Part = (x: Int, y: Int, width: Int, height: Int)

  private var whole: Part { (0, 0, geometry.coded.width, geometry.coded.height) }

  /// One or three planes under `part`, in coded pixels; chroma covers at least what luma does.
  private func cut(_ part: Part, _ workspace: Workspace) -> Planes {
    if let blueFirst = layout.packedBlueFirst {
      var packed = picture.plane(0, layout)
      unsafe packed.base += part.y * packed.stride + part.x * 3
      (packed.width, packed.height) = (part.width, part.height)
      let planes = Yuv.split(packed, workspace)
      return blueFirst ? planes.reversed : planes
    }
    let component = { (component: Int) in
      let plane = picture.plane(component, layout)
      let shift = component == 0 ? (x: 0, y: 0) : layout.chromaShift
      let (left, top) = (part.x >> shift.x, part.y >> shift.y)
      let right = (part.x + part.width + (1 << shift.x) - 1) >> shift.x
      let bottom = (part.y + part.height + (1 << shift.y) - 1) >> shift.y
      return plane.cropped(x: left, y: top, width: right - left, height: bottom - top)
    }
    return layout.kind == .gray ? Planes(all: component(0)) : Planes(component)
  }

  /// Luma from 16…235 to 0…255, where it is not there already.
  private func stretched(_ plane: Plane, _ workspace: Workspace) -> Plane {
    guard !color.isFullRange else { return plane }
    let out = workspace.plane(.expanded, 0, width: plane.width, height: plane.height)
    for y in 0..<plane.height {
      let (from, to) = unsafe (plane.base + y * plane.stride, out.base + y * out.stride)
      for x in 0..<plane.width { unsafe to[x] = Renderer.fullRange[Int(from[x])] }
    }
    return out.plane(width: plane.width, height: plane.height)
  }

  private static let fullRange: [UInt8] = (0..<256).map { luma in
    UInt8(min(255, max(0, (Double(luma - 16) * 255 / 219).rounded())))
  }
}
