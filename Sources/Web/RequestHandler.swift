public import Base

/// Decides what becomes of requests: the port that what stands behind a ``Server`` fulfils.
///
/// All calls come from the work of the server's loops and must not block: other connections wait meanwhile. A thread that answers
/// may do that work, so calls may come from inside ``Exchange/answer(_:)``: hold no lock over that.
public protocol RequestHandler: Sendable {
  /// What becomes of a request; asked as soon as its head is there, before any byte of its body is read or `100 Continue`
  /// is sent.
  func handle(_ request: Request) -> Handling

  /// After the answer's last byte was handed to the system, or the client left: for logs and counters.
  func ended(_ record: Record)

  /// The answer to what the server itself refuses: malformed heads, bodies over a limit, timeouts.
  func answer(to rejected: RejectedRequest) -> Response
}

extension RequestHandler {
  /// The error envelope that all of Ridley's routes use.
  public func answer(to rejected: RejectedRequest) -> Response { rejected.response }
}

/// What becomes of a request, decided from its head.
public enum Handling: Sendable {
  /// Answered from the head alone; a small body that follows is read away, else the connection is closed behind the
  /// answer.
  case answer(Response)

  /// The whole body is wanted, of at most `limit` bytes; more is refused with 413, where possible before it is sent.
  ///
  /// `then` runs once the body is complete and must not block; slow work goes to other threads,
  /// which answer through the exchange. The body's byte number `lead` lies at a multiple of 64 in memory. `owner` is for whom body
  /// and answer count where memory is shared out; `nil` for the client's address. `announced` tells how long a body of unknown length
  /// will be from its first bytes, where they say: it then has its memory at once, and is not moved while it grows.
  case body(
    limit: Int, lead: Int = 0, owner: String? = nil, announced: (@Sendable (RawSpan) -> Int?)? = nil,
    then: @Sendable (Body, Exchange) -> Void)

  /// The body goes to a sink while it comes, of at most `limit` bytes where there is a limit; more is refused with 413, where possible
  /// before it is sent.
  ///
  /// About 1 MiB of it is in memory at a time, in HTTP/2 a stream's window more. Whoever sends it counts as `owner`, as above.
  case stream(limit: Int? = nil, owner: String? = nil, to: any BodySink)
}

/// A request that the server refuses by itself.
public struct RejectedRequest: Sendable {
  /// The HTTP status: 400, 408, 411, 413, 414, 417, 431, 500, 501, 503 or 505.
  public let status: Int
  public let fault: Fault
  /// Missing where the head could not be read.
  public let request: Request?
  /// Stands in the answer, so that it can be found again in a log.
  public let id: String

  init(_ status: Int, _ kind: Fault.Kind, _ message: String, request: Request? = nil, id: String? = nil) {
    (self.status, self.request) = (status, request)
    (fault, self.id) = (Fault(kind, message), id ?? request?.id ?? RequestNumber.next().text)
  }

  /// The answer in Ridley's own envelope.
  var response: Response { .failure(status, json: FaultEnvelope.json(fault, request: id)) }
}
