internal import Base
internal import Objects

/// Bytes that are to stand in a registry.
struct OutgoingBlob: Sendable {
  enum Source: Sendable {
    case bytes([UInt8])
    case file(String)
  }

  let source: Source
  /// 64 hexadecimal digits of its SHA-256.
  let digest: String
  let byteCount: Int

  func body(_ range: Range<Int>) -> ServerRequest.Body {
    switch source {
    case .bytes(let bytes): .bytes(Array(bytes[range]))
    case .file(let path): .file(path, range)
    }
  }
}

/// How a blob came to stand in a repository.
enum BlobArrival: Sendable { case sent, known, mounted }

extension RegistryClient {
  private static let doing = "push to"

  /// Has a blob stand in the repository, and sends it only where that takes it; `sent` hears of the bytes that were.
  func put(_ blob: OutgoingBlob, sent: @escaping (Int) -> Void) throws(Fault) -> BlobArrival {
    if try has(blob) { return .known }
    var session: RegistryAddress?
    if let source = settings.source {
      switch try mount(blob, from: source) {
      case .mounted: return .mounted
      case .session(let address): session = address
      }
    }
    try upload(blob, session, sent: sent)
    return .sent
  }

  private func has(_ blob: OutgoingBlob) throws(Fault) -> Bool {
    let answer = try send(Request("HEAD", place("blobs/sha256:\(blob.digest)")), to: Self.doing)
    switch answer.status {
    case 200:
      // One that is damaged there may be put right by being sent again.
      return answer["content-length"].flatMap { Int($0) }.map { $0 == blob.byteCount } ?? true
    case 404, 405: return false
    default: throw fault(answer, Self.doing)
    }
  }

  private enum Mounting {
    case mounted
    /// It is to be sent after all.
    case session(RegistryAddress?)
  }

  /// Has the registry take it over from another repository, where that one has it and it may be read.
  private func mount(_ blob: OutgoingBlob, from source: String) throws(Fault) -> Mounting {
    var request = Request(
      "POST", place("blobs/uploads/").adding("mount=sha256:\(blob.digest)&from=\(PercentEncoding.encode(source))"))
    request.body = .bytes([])
    let answer = try send(request, to: Self.doing)
    switch answer.status {
    case 201: return .mounted
    case 202: return .session(try session(answer))
    // Not to be read there: as good as none.
    case 403, 404, 405: return .session(nil)
    default: throw fault(answer, Self.doing)
    }
  }

  private func begin() throws(Fault) -> RegistryAddress {
    var request = Request("POST", place("blobs/uploads/"))
    request.body = .bytes([])
    let answer = try send(request, to: Self.doing)
    guard answer.status == 202 else { throw fault(answer, Self.doing) }
    return try session(answer)
  }

  /// Where an upload goes on; another server is told nothing of who sends it.
  private func session(_ answer: Answer) throws(Fault) -> RegistryAddress {
    guard let location = answer["location"], let next = answer.address.following(location) else {
      throw Fault(
        .badInput, "\(answer.address.authority) does not say where the upload goes, or leads it from https to http")
    }
    return next
  }

  /// In one piece, and where that is too large or breaks twice, in parts; each time from the front.
  private func upload(
    _ blob: OutgoingBlob, _ first: RegistryAddress?, sent: @escaping (Int) -> Void
  ) throws(Fault) {
    var backoff = Backoff(seconds: settings.retrySeconds)
    var (session, part, breaks, isUsed) = (first, Int?.none, 0, false)
    while true {
      let place = if let session { session } else { try begin() }
      let wasUsed = isUsed
      (session, isUsed) = (nil, false)
      let refusal: (fault: Fault, answer: ServerAnswer?)
      do throws(Fault) {
        let answer =
          if let part { try sendParts(blob, of: part, to: place, sent: sent) } else {
            try sendWhole(blob, to: place, sent: sent)
          }
        if (200...299).contains(answer.status) { return try check(answer, blob) }
        if answer.status == 413, let smaller = Self.smaller(than: part ?? blob.byteCount) {
          part = smaller
          continue
        }
        // Who was not able to take it is asked again at the same place; one that is not there any more is begun anew.
        if Self.isPassing(answer.status) {
          if part == nil { (session, isUsed) = (place, true) }
        } else if !wasUsed, ![404, 416].contains(answer.status) {
          throw uploadFault(answer, blob)
        }
        refusal = (fault(answer, Self.doing), answer.answer)
      } catch {
        guard error.kind == .unavailable else { throw error }
        breaks += 1
        if breaks >= 2, part == nil { part = Self.smaller(than: blob.byteCount) }
        refusal = (error, nil)
      }
      try backoff.rest(refusal.answer, or: refusal.fault, goesOn: goesOn)
    }
  }

  private static func smaller(than count: Int) -> Int? {
    let part = min(count / 2, 16 << 20)
    return part >= 64 << 10 ? part : nil
  }

  private func sendWhole(
    _ blob: OutgoingBlob, to session: RegistryAddress, sent: @escaping (Int) -> Void
  ) throws(Fault) -> Answer {
    var request = Request("PUT", session.adding("digest=sha256:\(blob.digest)"))
    request.headers = [("Content-Type", "application/octet-stream")]
    request.body = blob.body(0..<blob.byteCount)
    (request.isRepeatable, request.isLong) = (false, true)
    return try send(request, to: Self.doing, sent: sent)
  }

  /// The answer to the last part, or to the first that was not taken.
  private func sendParts(
    _ blob: OutgoingBlob, of count: Int, to first: RegistryAddress, sent: @escaping (Int) -> Void
  ) throws(Fault) -> Answer {
    var (session, done) = (first, 0)
    while done < blob.byteCount {
      let end = min(done + count, blob.byteCount)
      var request = Request("PATCH", session)
      request.headers = [("Content-Type", "application/octet-stream"), ("Content-Range", "\(done)-\(end - 1)")]
      request.body = blob.body(done..<end)
      (request.isRepeatable, request.isLong) = (false, true)
      let before = done
      let answer = try send(request, to: Self.doing, sent: { sent(before + $0) })
      guard answer.status == 202 || answer.status == 204 else { return answer }
      session = try self.session(answer)
      // Registries may leave it out; where it is there, it is what they have.
      if let range = answer["range"], let last = range.split(separator: "-").last.flatMap({ Int($0) }), last + 1 != end
      {
        throw Fault(.unavailable, "\(answer.address.authority) took \(last + 1) bytes of \(end)")
      }
      done = end
    }
    var request = Request("PUT", session.adding("digest=sha256:\(blob.digest)"))
    request.body = .bytes([])
    request.isRepeatable = false
    return try send(request, to: Self.doing)
  }

  private func check(_ answer: Answer, _ blob: OutgoingBlob) throws(Fault) {
    guard let said = answer["docker-content-digest"], said.hasPrefix("sha256:"), said.dropFirst(7) != blob.digest else {
      return
    }
    throw Fault(
      .badInput, "\(reference.registry) stored other bytes (\(said.prefix(80))) than were sent (sha256:\(blob.digest))")
  }

  /// Bytes that have another digest than was said are refused by the registry.
  private func uploadFault(_ answer: Answer, _ blob: OutgoingBlob) -> Fault {
    guard answer.status == 400, case .file(let path) = blob.source else { return fault(answer, Self.doing) }
    return Fault(
      .badInput, "\(reference.registry) refuses the bytes of \(path): did it change while it was sent? Push it again",
      cause: Self.cause(of: answer.answer))
  }
}
