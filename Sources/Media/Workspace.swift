internal import CFFmpeg
internal import Synchronization

/// A lent stretch of a workspace: where its rows begin and how far apart they are, in bytes.
@safe struct ScratchPlane {
  let base: UnsafeMutablePointer<UInt8>
  let stride: Int

  /// The room, filled, as a plane of bytes.
  func plane(width: Int, height: Int, bits: Int = 8) -> Plane {
    unsafe Plane(base: UnsafePointer(base), stride: stride, width: width, height: height, bits: bits)
  }
}

/// Memory for the planes between a picture and its rendering, grown on demand and kept.
///
/// `@unchecked Sendable`: the pool lends a workspace to one rendering at a time.
@safe final class Workspace: @unchecked Sendable {
  enum Stage: Int, CaseIterable { case split, scaled, halved, narrowed, mirrored, rotated, expanded, mixed }

  private var slots: [UnsafeMutableRawBufferPointer]
  /// The converter of rare pixel formats, made at its first use.
  var converter: OpaquePointer?
  /// FFmpeg's scaler for pictures of one kind, likewise.
  var scaler: FFmpegScaler?
  /// Made once for each size that is scaled; few, as sources and networks have few.
  private var weights: [ResampleWeights.Key: ResampleWeights] = [:]

  init() {
    unsafe slots = .init(
      repeating: UnsafeMutableRawBufferPointer(start: nil, count: 0), count: Stage.allCases.count * 3)
  }

  deinit {
    for index in unsafe slots.indices { unsafe slots[index].deallocate() }
    unsafe sws_freeContext(converter)
  }

  /// Room for `width` × `height` bytes, rows at multiples of 64; what stood there is lost.
  func plane(_ stage: Stage, _ component: Int, width: Int, height: Int) -> ScratchPlane {
    let stride = (width + 63) & ~63
    let needed = stride * height + 64
    let index = stage.rawValue * 3 + component
    if unsafe slots[index].count < needed {
      unsafe slots[index].deallocate()
      unsafe slots[index] = .allocate(byteCount: needed, alignment: 64)
    }
    return unsafe ScratchPlane(base: slots[index].baseAddress!.assumingMemoryBound(to: UInt8.self), stride: stride)
  }
}

extension Workspace {
  /// The weights for a line, from before where there are some.
  func weights(_ key: ResampleWeights.Key) -> ResampleWeights {
    if let made = weights[key] { return made }
    // Regions of every size, as of boxes that another network found.
    if weights.count >= Self.mostWeights { weights.removeAll(keepingCapacity: true) }
    let made = ResampleWeights(key)
    weights[key] = made
    return made
  }

  private static let mostWeights = 24
}

/// Workspaces that wait for the next rendering; as many as frames of one reader were ever rendered at once.
final class WorkspacePool: Sendable {
  private let idle = Mutex<[Workspace]>([])

  func take() -> Workspace { idle.withLock { $0.popLast() } ?? Workspace() }
  func give(_ workspace: Workspace) { idle.withLock { $0.append(workspace) } }
}
