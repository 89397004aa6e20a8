internal import Base
internal import CYUV

/// Planes to another size by a filter of ``ResampleWeights``: first along rows, then along columns, rounded to a sample between, as Pillow does.
enum Resampler {
  /// The samples of `part`, in samples of the plane, as `width` × `height` of 8 bits.
  ///
  /// What stands around the part is looked at too, as if the whole plane were scaled and then cut. `columnsFirst` is for a plane that will be
  /// turned by a quarter: its columns are rows of the upright picture.
  static func fit(
    _ plane: Plane, under part: Rect, width: Int, height: Int, _ filter: ResampleWeights.Filter, columnsFirst: Bool,
    _ workspace: Workspace, _ component: Int
  ) -> Plane {
    let isDeep = plane.bits > 8
    let across = workspace.weights(
      .init(filter: filter, count: plane.width, start: part.x, length: part.width, target: width, isDeep: isDeep))
    let down = workspace.weights(
      .init(filter: filter, count: plane.height, start: part.y, length: part.height, target: height, isDeep: isDeep))
    if columnsFirst, !isDeep {
      let needed = across.covered
      let cut = plane.cropped(x: needed.lowerBound, y: 0, width: needed.count, height: plane.height)
      let lower = shrink(cut, down: down, height: height, skipped: 0, workspace, .scaled, component)
      return shrink(lower, across: across, width: width, skipped: needed.lowerBound, workspace, .halved, component)
    }
    let needed = down.covered
    let cut = plane.cropped(x: 0, y: needed.lowerBound, width: plane.width, height: needed.count)
    let narrower = shrink(cut, across: across, width: width, skipped: 0, workspace, .scaled, component)
    return shrink(narrower, down: down, height: height, skipped: needed.lowerBound, workspace, .halved, component)
  }

  /// Keeps the depth; `skipped` columns stood before the plane.
  private static func shrink(
    _ plane: Plane, across: ResampleWeights, width: Int, skipped: Int, _ workspace: Workspace,
    _ stage: Workspace.Stage, _ component: Int
  ) -> Plane {
    let out = workspace.plane(stage, component, width: width * plane.sampleBytes, height: plane.height)
    let (taps, top) = (Int32(across.taps), Int32(1 << plane.bits) - 1)
    for y in 0..<plane.height {
      let row = unsafe plane.base + (y * plane.stride - skipped * plane.sampleBytes)
      let target = unsafe out.base + y * out.stride
      if plane.bits == 8 {
        unsafe ridley_across(row, target, Int32(width), taps, across.starts, across.high, across.low)
      } else {
        unsafe ridley_across_deep(
          UnsafeRawPointer(row).assumingMemoryBound(to: UInt16.self),
          UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt16.self), Int32(width), taps, across.starts,
          across.high, top)
      }
    }
    return out.plane(width: width, height: plane.height, bits: plane.bits)
  }

  /// To 8 bits; `skipped` rows stood above the plane.
  private static func shrink(
    _ plane: Plane, down: ResampleWeights, height: Int, skipped: Int, _ workspace: Workspace, _ stage: Workspace.Stage,
    _ component: Int
  ) -> Plane {
    let out = workspace.plane(stage, component, width: plane.width, height: height)
    let (width, taps) = (Int32(plane.width), Int32(down.taps))
    unsafe down.high.withUnsafeBufferPointer { high in
      unsafe down.low.withUnsafeBufferPointer { low in
        for y in 0..<height {
          let rows = unsafe plane.base + (Int(down.starts[y]) - skipped) * plane.stride
          let target = unsafe out.base + y * out.stride
          let weights = unsafe high.baseAddress! + y * down.taps
          if plane.bits == 8 {
            unsafe ridley_down(rows, plane.stride, target, width, taps, weights, low.baseAddress! + y * down.taps)
          } else {
            unsafe ridley_down_deep(
              UnsafeRawPointer(rows).assumingMemoryBound(to: UInt16.self), plane.stride / 2, target, width, taps,
              weights, Int32(plane.bits))
          }
        }
      }
    }
    return out.plane(width: plane.width, height: height)
  }
}
