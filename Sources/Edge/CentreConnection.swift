public import Base
internal import Fleet
internal import JSON
public import Objects

/// The centre as its node asks it: over TLS with the node's own key, and with nobody but who holds a key that was pinned.
///
/// For any number of threads that may block; connections are kept.
public final class CentreConnection: Sendable {
  /// Without a `/` at its end.
  public let address: String
  private let connections: KeptConnections

  /// `identity` is the file with the node's key and certificate, `pins` the keys of which the centre has one; with `totalSeconds` an answer that is
  /// not there within so many has failed.
  public init(_ address: CentreAddress, identity: String, pins: [[UInt8]], totalSeconds: Int? = nil) {
    self.address = address.text
    var limits = ServerConnection.Limits()
    (limits.connectSeconds, limits.stallSeconds, limits.answerByteCount) = (10, 60, 8 << 20)
    limits.totalSeconds = totalSeconds
    let peer = ServerConnection.PinnedPeer(identity: identity, pins: pins)
    connections = KeptConnections(limits, authorities: nil, peer: peer)
  }

  /// Asks, and waits for the whole answer, of any status; `path` begins with `/` and is encoded.
  ///
  /// The body of an answer of 200 to 299 goes into `sink`, where there is one. `goesOn` is called at least once a second with the bytes that
  /// were sent; where it gives `false` the fault is `closed`. `unavailable` where no answer came; `denied` where another holds the centre's address.
  public func ask(
    _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: ServerRequest.Body = .none,
    into sink: (([UInt8]) throws(Fault) -> Void)? = nil, goesOn: (Int) -> Bool = { _ in true }
  ) throws(Fault) -> ServerAnswer {
    var request = ServerRequest(method, address + path)
    (request.headers, request.body) = (headers, body)
    return try connections.send(request, into: sink, goesOn: goesOn)
  }

  /// As above with a body of JSON, where anything but success is a fault: the centre's own, of its kind and message.
  public func post(
    _ path: String, json: [UInt8], goesOn: () -> Bool = { true }
  ) throws(Fault) -> [UInt8] {
    let answer = try ask(
      "POST", path, headers: [("Content-Type", "application/json")], body: .bytes(json), goesOn: { _ in goesOn() })
    guard (200...299).contains(answer.status) else { throw Self.fault(answer) }
    return answer.body
  }

  private enum Envelope: String, CaseIterable { case error }
  private enum ErrorKey: String, CaseIterable { case code, message }

  /// What an answer means that is no success.
  public static func fault(_ answer: ServerAnswer) -> Fault {
    let strange = Fault(
      .unavailable, "the centre answers \(answer.status), and not as a door for nodes would: is the address right?")
    do throws(Fault) {
      let root = try JSONDocument(parsing: answer.body.span.bytes, name: "the centre's answer").root
      let fields = try root.fields(Envelope.self, others: .ignored).required(.error)
        .fields(ErrorKey.self, others: .ignored)
      guard let kind = Fault.Kind(rawValue: try fields.required(.code).string()) else { return strange }
      return Fault(kind, String(try fields.required(.message).string().prefix(1000)))
    } catch { return strange }
  }
}
