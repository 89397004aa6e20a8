internal import Base

/// OpenVINO's compiled copies of a network, one for each stream: see `docs/decisions/one-stream-a-copy.md`.
///
/// Of a cached network only the first is there from the start; ``add(upTo:)`` brings the others.
final class CompiledCopies: Sendable {
  private let list: Monitor<[Handle]>
  /// Held by whoever makes a copy.
  private let making = Monitor(())
  /// Kept alive as long as what was compiled with it.
  private let core: Handle
  /// Where the weights are and further copies come from, if the network was cached.
  let file: CachedBlob?
  private let device: String

  init(_ copies: [Handle], _ device: String, core: Handle, file: CachedBlob? = nil) {
    (list, self.device, self.core, self.file) = (Monitor(copies), device, core, file)
  }

  /// Those that are there.
  var ready: [Handle] { list.update { $0 } }

  /// Makes the next copy, if one is missing and can be made, and says which it is; others use those that are there.
  func add(upTo streams: Int) -> Int? {
    making.update { _ in
      guard let file, ready.count < streams, let copy = file.imported(device, on: core) else { return nil }
      return list.update { list in
        list.append(copy)
        return list.count - 1
      }
    }
  }
}
