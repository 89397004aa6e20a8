internal import Base
internal import Glibc
internal import Objects

extension RegistryClient {
  /// Fetches a blob into a file of its own, going on from what stands there; it is whole and right when this returns.
  ///
  /// What breaks off is gone on with by ranges, for as long as something comes. A wrong one is taken away.
  /// - Throws: `badInput` where the bytes are more, fewer or others than the manifest says.
  func fetch(_ layer: ArtifactManifest.Layer, into path: String, received: (Int) -> Void) throws(Fault) {
    let file = try BlobFile(path, byteCount: layer.byteCount)
    var isFresh = file.received == 0
    while true {
      do throws(Fault) {
        try fill(file, layer, received)
        let digest = file.takeDigest()
        guard digest != layer.digest else { return try file.finish() }
        guard isFresh else {
          // What an earlier attempt left may have been wrong: once more from the front.
          isFresh = true
          try file.startOver()
          continue
        }
        throw Fault(.badInput, "it has the SHA-256 \(digest), and the manifest says \(layer.digest)")
      } catch {
        guard error.kind == .badInput else { throw error }
        unlink(path)
        throw Fault(
          .badInput, "\(layer.title) came damaged from \(reference.registry): \(error.message)", cause: error.cause)
      }
    }
  }

  /// Until all bytes are there.
  private func fill(_ file: BlobFile, _ layer: ArtifactManifest.Layer, _ received: (Int) -> Void) throws(Fault) {
    var (backoff, best) = (Backoff(seconds: settings.retrySeconds), file.received)
    received(file.received)
    while file.received < layer.byteCount {
      let before = file.received
      var trouble: Fault?
      do throws(Fault) {
        let answer = try get(layer, into: file, from: before, received)
        if before > 0, [400, 416].contains(answer.status) {
          // It, or the store that it leads to, does not go on there.
          try file.startOver()
        } else if ![200, 206].contains(answer.status) {
          throw fault(answer, "pull from")
        }
      } catch {
        guard error.kind == .unavailable else { throw error }
        trouble = error
      }
      guard file.received < layer.byteCount else { return }
      if file.received > best { (backoff, best) = (Backoff(seconds: settings.retrySeconds), file.received) }
      let missing = Fault(
        .unavailable,
        "\(reference.registry) broke off after \(file.received) of the \(layer.byteCount) bytes of \(layer.title): try again to fetch the rest",
        cause: trouble?.message)
      try backoff.rest(nil, or: best > 0 ? missing : trouble ?? missing, goesOn: goesOn)
    }
  }

  private func get(
    _ layer: ArtifactManifest.Layer, into file: BlobFile, from start: Int, _ received: (Int) -> Void
  ) throws(Fault) -> Answer {
    var request = Request("GET", place("blobs/sha256:\(layer.digest)"))
    if start > 0 { request.headers = [("Range", "bytes=\(start)-")] }
    request.isLong = true
    return try withoutActuallyEscaping(received) { (received) throws(Fault) in
      try send(
        request, to: "pull from",
        into: { (bytes) throws(Fault) in
          try file.append(bytes)
          received(file.received)
        },
        head: { (answer) throws(Fault) in
          // All comes, or a part: which one is not taken on trust.
          let range = answer["content-range"]?.split(separator: " ").last?.split(separator: "-").first
          let isRest = answer.status == 206 && range.flatMap { Int($0) } == start
          if file.received > 0, !isRest { try file.startOver() }
          guard isRest || answer.status != 206 || start == 0 else {
            throw Fault(.badInput, "another range came than was asked for")
          }
          if let count = answer["content-length"].flatMap({ Int($0) }), file.received + count > layer.byteCount {
            throw Fault(.badInput, "it has \(file.received + count) bytes, and the manifest says \(layer.byteCount)")
          }
        })
    }
  }
}
