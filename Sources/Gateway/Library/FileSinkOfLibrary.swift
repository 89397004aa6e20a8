internal import Base
internal import Catalog
internal import Library
internal import Objects
internal import Web

/// One PUT of a whole file: its bytes go to the disk while they come, and become an asset at their end.
///
/// Calls come one after the other (``BodySink``), so its state needs no lock.
final class FileSinkOfLibrary: BodySink, @unchecked Sendable {
  private let context: RequestContext
  private let desk: LibraryDesk
  private let draft: AssetDraft
  private let scope: ClientScope
  private var exchange: Exchange?
  private var writer: (any ObjectWriter)?
  private var promises: [BytePromise] = []
  /// Bytes that came, and that were promised; only where their number was not told.
  private var (came, promised) = (0, 0)

  private static let step = 8 << 20

  init(_ context: RequestContext, _ desk: LibraryDesk, _ draft: AssetDraft, scope: ClientScope) {
    (self.context, self.desk, self.draft, self.scope) = (context, desk, draft, scope)
  }

  func begin(_ exchange: Exchange) {
    self.exchange = exchange
    perform { () throws(Fault) in
      try desk.library.checkAdding(draft, scope: scope)
      let (plan, promise) = try desk.library.plan(
        byteCount: context.request.header("content-length").flatMap { Int($0) }, digest: try digest(),
        for: draft.group.client)
      (writer, promises) = (try desk.library.objects.write(plan), [promise])
    }
  }

  func append(_ bytes: [UInt8]) {
    guard writer != nil else { return }
    perform { () throws(Fault) in
      if !isLengthKnown { try ask(for: bytes.count) }
      try writer?.append(bytes.span.bytes)
    }
  }

  private var isLengthKnown: Bool { context.request.header("content-length") != nil }

  /// Room is asked for while the bytes come: more than is needed now, or exactly that where there is no more.
  private func ask(for byteCount: Int) throws(Fault) {
    came += byteCount
    let lack = came - promised
    guard lack > 0 else { return }
    let client = draft.group.client
    do throws(Fault) { try take(max(lack, Self.step), client) } catch {
      guard error.kind == .exhausted else { throw error }
      try take(lack, client)
    }
  }

  private func take(_ byteCount: Int, _ client: String) throws(Fault) {
    promises.append(try desk.library.promise(byteCount, to: client))
    promised += byteCount
  }

  func end() {
    guard writer != nil, exchange != nil else { return }
    perform { () throws(Fault) in
      let response = try finish()
      exchange.take()?.answer(response)
    }
  }

  /// Makes an asset of what came, or leaves nothing of it: all is let go before the answer, as the next request may look or need the room.
  private func finish() throws(Fault) -> Response {
    defer { promises = [] }
    guard let stored = try writer.take()?.finish() else { throw Fault(.bug, "a file is finished twice") }
    let added = try desk.library.add(stored, draft, scope: scope, examiner: desk.examiner)
    let headers = [("Content-Type", "application/json"), ("Location", "/v1/assets/\(added.asset.id)")]
    return Response(added.isNew ? 201 : 200, headers: headers, body: added.asset.json)
  }

  func broken() { (writer, promises, exchange) = (nil, [], nil) }

  /// The SHA-256 that `Content-Digest` names (RFC 9530); `nil` where it does not.
  private func digest() throws(Fault) -> String? {
    for field in context.request.headers("content-digest") {
      for part in field.split(separator: ",") {
        let words = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
        guard words.count == 2, words[0].lowercased() == "sha-256" else { continue }
        guard words[1].count > 2, words[1].first == ":", words[1].last == ":",
          let bytes = Base64.decode(String(words[1].dropFirst().dropLast())), bytes.count == 32
        else { throw Fault(.badInput, "Content-Digest is no sha-256 in base 64 between colons (RFC 9530)") }
        return Hex.text(bytes)
      }
    }
    return nil
  }

  private func perform(_ work: () throws(Fault) -> Void) {
    do throws(Fault) { try work() } catch {
      (writer, promises) = (nil, [])
      let status = error.kind == .exhausted ? 507 : Failure.status(of: error.kind)
      exchange.take()?.answer(Failure(status, error).response(context.request))
    }
  }
}
