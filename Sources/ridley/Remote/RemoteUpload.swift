import Base
import Catalog
import Crypto
import Glibc
import Items
import Library
import Objects

/// Brings one file to a server by the tus protocol: after a break it asks how far the upload has come, and goes on there.
final class RemoteUpload {
  /// SHA-256 of the file.
  let digest: String
  private let server: RemoteServer
  private let path: String
  private let byteCount: Int
  private let draft: AssetDraft
  private let progress: (Int) -> Void
  private let memory: RememberedUpload
  private var patience = UploadPatience()
  /// Times that a new upload may be begun where the server knows one no longer.
  private var beginnings = 3

  private static let stopped = Fault(.closed, "stopped; the same command goes on where it was")
  private static let chunkByteCount = 8 << 20

  /// What one request brought.
  private enum Step {
    /// The server has so many bytes.
    case at(Int)
    case asset(String)
    /// The server knows the upload no longer.
    case gone
    /// Worth trying again after a pause.
    case broken(Fault)
  }

  init(_ server: RemoteServer, _ path: String, _ draft: AssetDraft, progress: @escaping (Int) -> Void) throws(Fault) {
    (self.server, self.path, self.draft, self.progress) = (server, path, draft, progress)
    byteCount = try FileSystem.byteCount(of: path)
    digest = try SHA256.hex(ofFile: path)
    memory = try RememberedUpload(of: digest, draft, to: server.address)
  }

  /// Ends when the file is an asset.
  ///
  /// A fault of the kind `unavailable` leaves the upload where it is, for the next command to go on with.
  func run() throws(Fault) -> AddedFile {
    var id = memory.id
    // Where it stands is asked for, unless it is known.
    var offset: Int?
    while true {
      let step: Step
      switch (id, offset) {
      case (nil, _): step = try begin(&id)
      case (let id?, nil): step = try look(id)
      case (let id?, let place?): step = try send(id, from: place)
      }
      offset = nil
      switch step {
      case .at(let place) where place < byteCount:
        patience.see(place)
        progress(place)
        offset = place
      case .at:
        patience.see(byteCount)
        try pause(after: Fault(.unavailable, "\(server.host) has the whole file and makes no asset of it"))
      case .asset(let asset):
        memory.forget()
        return AddedFile(id: asset, isNew: asset == id)
      case .gone:
        memory.forget()
        (id, beginnings) = (nil, beginnings - 1)
        guard beginnings > 0 else {
          throw Fault(.unavailable, "\(server.host) loses the upload again and again: try again later")
        }
      case .broken(let fault): try pause(after: fault)
      }
    }
  }

  /// - Throws: what it is about, where that has lasted too long.
  private func pause(after fault: Fault) throws(Fault) {
    guard let seconds = patience.next() else {
      throw Fault(
        fault.kind, "\(fault.message); run the same command again, and it goes on where it stopped", cause: fault.cause)
    }
    let end = Clock.now + UInt64(seconds * 1e9)
    while Clock.now < end {
      guard !Interrupt.isAsked else { throw Self.stopped }
      usleep(50_000)
    }
  }

  private func begin(_ id: inout String?) throws(Fault) -> Step {
    var words: [(String, String?)] = [
      ("filename", draft.name), ("client", draft.group.client), ("brand", draft.group.brand),
      ("campaign", draft.group.campaign), ("sha256", digest),
      ("captured", draft.captured.map(CompositeKey.time(milliseconds:))),
    ]
    if !draft.tags.isEmpty { words.append(("tags", draft.tags.joined(separator: ","))) }
    let metadata = words.compactMap { name, value in value.map { "\(name) \(Base64.encode(Array($0.utf8)))" } }
    let answer = try ask(
      "POST", "/v1/uploads",
      [("Upload-Length", "\(byteCount)"), ("Upload-Metadata", metadata.joined(separator: ","))], .bytes([]))
    switch answer {
    case .failure(let fault): return .broken(fault)
    case .success(let answer):
      guard answer.status == 201 else { return try judge(answer) }
      // Of the address only the name counts: the key goes to no other server.
      let name = answer["location"]?.split(separator: "/").last.map(String.init) ?? ""
      guard !name.isEmpty, name.utf8.allSatisfy({ Self.letters.contains($0) }) else {
        throw Fault(.unavailable, "\(server.host) begins an upload without a name: is it 'ridley serve --library'?")
      }
      id = name
      if let asset = answer["asset-id"] { return .asset(asset) }
      memory.remember(name)
      return .at(0)
    }
  }

  private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)

  private func look(_ id: String) throws(Fault) -> Step { try judge(ask("HEAD", "/v1/uploads/\(id)", [], .none)) }

  private func send(_ id: String, from offset: Int) throws(Fault) -> Step {
    let range = offset..<min(byteCount, offset + Self.chunkByteCount)
    let headers = [("Content-Type", "application/offset+octet-stream"), ("Upload-Offset", "\(offset)")]
    return try judge(ask("PATCH", "/v1/uploads/\(id)", headers, .file(path, range), from: offset))
  }

  /// What never came to the server, or not back, is a failure; what else is wrong a fault.
  private func ask(
    _ method: String, _ place: String, _ headers: [(name: String, value: String)], _ body: ServerRequest.Body,
    from offset: Int = 0
  ) throws(Fault) -> Result<ServerAnswer, Fault> {
    do {
      return .success(
        try server.ask(
          method, place, headers: [("Tus-Resumable", "1.0.0")] + headers, body: body,
          progress: { [progress] sent in if sent > 0 { progress(offset + sent) } }))
    } catch {
      switch error.kind {
      case .unavailable: return .failure(error)
      case .closed: throw Self.stopped
      default: throw error
      }
    }
  }

  private func judge(_ result: Result<ServerAnswer, Fault>) throws(Fault) -> Step {
    switch result {
    case .failure(let fault): .broken(fault)
    case .success(let answer): try judge(answer)
    }
  }

  private func judge(_ answer: ServerAnswer) throws(Fault) -> Step {
    switch answer.status {
    case 200...299:
      if let asset = answer["asset-id"] { return .asset(asset) }
      guard let place = answer["upload-offset"].flatMap({ Int($0) }), (0...byteCount).contains(place) else {
        throw Fault(.unavailable, "\(server.host) does not say how far the upload is: is it 'ridley serve --library'?")
      }
      return .at(place)
    case 404 where memory.isRemembered, 410: return .gone
    case 409, 423, 429, 500, 502, 503, 504: return .broken(server.fault(answer))
    case 401, 403: throw server.fault(answer)
    default:
      memory.forget()
      throw server.fault(answer)
    }
  }
}

/// How often a broken upload is tried again: after longer and longer pauses, and anew with every step ahead.
struct UploadPatience {
  /// Seconds; a server has more than a minute to come back.
  private static let pauses = [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15]
  private var tried = 0
  private var farthest = 0

  /// The upload stands there.
  mutating func see(_ offset: Int) {
    if offset > farthest { (farthest, tried) = (offset, 0) }
  }

  /// The next pause; `nil` where it is time to give up.
  mutating func next() -> Double? {
    guard tried < Self.pauses.count else { return nil }
    tried += 1
    return Self.pauses[tried - 1]
  }
}
