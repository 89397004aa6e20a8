internal import CYUV

/// One plane of samples, lent: good as long as the picture or the workspace it points into.
@safe struct Plane {
  var base: UnsafePointer<UInt8>
  /// Bytes from row to row; negative where rows are stored bottom up.
  var stride: Int
  var width: Int
  var height: Int
  /// 8 in one byte, up to 16 in two.
  var bits: Int

  var sampleBytes: Int { bits > 8 ? 2 : 1 }

  /// The part of it that starts at a sample; the caller keeps it inside.
  func cropped(x: Int, y: Int, width: Int, height: Int) -> Plane {
    var part = self
    unsafe part.base = base + (y * stride + x * sampleBytes)
    (part.width, part.height) = (width, height)
    return part
  }
}

/// The three planes of a picture; a picture of one plane has it three times.
struct Planes {
  var first: Plane
  var second: Plane
  var third: Plane

  /// From the first to the third, without a list in memory.
  init(_ make: (Int) -> Plane) { (first, second, third) = (make(0), make(1), make(2)) }

  init(all plane: Plane) { (first, second, third) = (plane, plane, plane) }

  subscript(index: Int) -> Plane { index == 0 ? first : index == 1 ? second : third }

  var reversed: Planes { Planes { self[2 - $0] } }
}

/// libyuv's plane operations in the terms of ``Plane``; results lie in a workspace.
enum Yuv {
  static var version: Int { Int(ridley_yuv_version) }

  /// To another size and to 8 bits.
  ///
  /// Halved as often as fits, so that every sample counts, and bilinear for the rest: libyuv's own box filter counts whole
  /// samples only, and its bilinear one looks at two neighbours however much it shrinks.
  static func fit(_ plane: Plane, width: Int, height: Int, _ workspace: Workspace, _ component: Int) -> Plane {
    var plane = plane
    var stages = (Workspace.Stage.scaled, Workspace.Stage.halved)
    while plane.width != width || plane.height != height {
      let w = plane.width >= 2 * width ? (plane.width + 1) / 2 : plane.width
      let h = plane.height >= 2 * height ? (plane.height + 1) / 2 : plane.height
      let isLast = w == plane.width && h == plane.height
      plane = scale(plane, isLast ? width : w, isLast ? height : h, workspace, stages.0, component)
      stages = (stages.1, stages.0)
    }
    return plane.bits == 8 ? plane : narrow(plane, workspace, component)
  }

  private static func scale(
    _ plane: Plane, _ width: Int, _ height: Int, _ workspace: Workspace, _ stage: Workspace.Stage, _ component: Int
  ) -> Plane {
    let out = workspace.plane(stage, component, width: width * plane.sampleBytes, height: height)
    let (from, to) = ((Int32(plane.width), Int32(plane.height)), (Int32(width), Int32(height)))
    if plane.bits == 8, plane.width == 2 * width, plane.height == height, plane.stride % 2 == 0 {
      // libyuv halves both sides quickly, and with this filter looks at every second row only: rows that are half as far
      // apart, and twice as many, make that a halving of the width.
      unsafe ScalePlane(
        plane.base, Int32(plane.stride / 2), from.0, 2 * from.1, out.base, Int32(out.stride), to.0, to.1, kFilterLinear)
    } else if plane.bits == 8 {
      unsafe ScalePlane(
        plane.base, Int32(plane.stride), from.0, from.1, out.base, Int32(out.stride), to.0, to.1, kFilterBilinear)
    } else {
      unsafe plane.base.withMemoryRebound(to: UInt16.self, capacity: 1) { source in
        unsafe out.base.withMemoryRebound(to: UInt16.self, capacity: 1) { target in
          unsafe ScalePlane_16(
            source, Int32(plane.stride / 2), from.0, from.1, target, Int32(out.stride / 2), to.0, to.1, kFilterBilinear)
        }
      }
    }
    return out.plane(width: width, height: height, bits: plane.bits)
  }

  /// Keeps the upper 8 bits of every sample.
  private static func narrow(_ plane: Plane, _ workspace: Workspace, _ component: Int) -> Plane {
    let out = workspace.plane(.narrowed, component, width: plane.width, height: plane.height)
    unsafe plane.base.withMemoryRebound(to: UInt16.self, capacity: 1) { source in
      unsafe Convert16To8Plane(
        source, Int32(plane.stride / 2), out.base, Int32(out.stride), Int32(1 << (24 - plane.bits)),
        Int32(plane.width), Int32(plane.height))
    }
    return out.plane(width: plane.width, height: plane.height)
  }

  /// Mirrors, then rotates clockwise.
  static func turn(_ plane: Plane, _ orientation: Orientation, _ workspace: Workspace, _ component: Int) -> Plane {
    var plane = plane
    if orientation.mirrored {
      let out = workspace.plane(.mirrored, component, width: plane.width, height: plane.height)
      unsafe MirrorPlane(
        plane.base, Int32(plane.stride), out.base, Int32(out.stride), Int32(plane.width), Int32(plane.height))
      unsafe plane.base = UnsafePointer(out.base)
      plane.stride = out.stride
    }
    guard orientation.rotation != 0 else { return plane }
    let quarter = orientation.isQuarterTurn
    let (width, height) = quarter ? (plane.height, plane.width) : (plane.width, plane.height)
    let out = workspace.plane(.rotated, component, width: width, height: height)
    _ = unsafe RotatePlane(
      plane.base, Int32(plane.stride), out.base, Int32(out.stride), Int32(plane.width), Int32(plane.height),
      RotationMode(rawValue: numericCast(orientation.rotation)))
    return out.plane(width: width, height: height)
  }

  /// Three planes of a packed picture, in the order of its bytes.
  static func split(_ packed: Plane, _ workspace: Workspace) -> Planes {
    let (width, height) = (packed.width, packed.height)
    let room = { (index: Int) in workspace.plane(.split, index, width: width, height: height) }
    let (a, b, c) = (room(0), room(1), room(2))
    unsafe SplitRGBPlane(
      packed.base, Int32(packed.stride), a.base, Int32(a.stride), b.base, Int32(b.stride), c.base, Int32(c.stride),
      Int32(width), Int32(height))
    return Planes { ($0 == 0 ? a : $0 == 1 ? b : c).plane(width: width, height: height) }
  }
}
