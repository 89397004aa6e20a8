public import Base

/// An answer as a whole.
///
/// `Content-Length`, `Date` and `Connection` are the server's to write, and left out where they are given. Control characters
/// in header values become blanks.
public struct Response: Sendable {
  public var status: Int
  public var headers: [(String, String)]
  public var body: [UInt8]
  /// More of the body, behind `body`: saves a copy where it is made in two parts.
  public var tail: [UInt8]
  /// Headers behind the body, for clients that speak HTTP/2; others get none of them.
  public var trailers: [(String, String)] = []
  /// The body instead of both, where it is read while it is sent.
  let sourceBody: SourceBody?

  public init(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = [], tail: [UInt8] = []) {
    (self.status, self.headers, self.body, self.tail) = (status, headers, body, tail)
    sourceBody = nil
  }

  /// An answer whose body is a part of a source, read while the client takes it; `Content-Length` is the length of `range`.
  ///
  /// To HEAD nothing is read.
  public init(_ status: Int, headers: [(String, String)] = [], source: any BodySource, range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.byteCount, "a range lies beyond its source")
    (self.status, self.headers, body, tail) = (status, headers, [], [])
    sourceBody = SourceBody(source: source, range: range)
  }

  /// Bytes of the body.
  var byteCount: Int { sourceBody?.range.count ?? body.count + tail.count }
}

extension Response {
  /// A failing answer, whose body is JSON: the one place that writes `Retry-After`, where trying again may help (429, 503, and whatever names a time).
  ///
  /// `retryAfter` is in seconds, one where it is not known.
  public static func failure(
    _ status: Int, json: [UInt8], retryAfter: Double? = nil, headers: [(String, String)] = []
  ) -> Response {
    var response = Response(status, headers: [("Content-Type", "application/json")] + headers, body: json)
    if status == 429 || status == 503 || retryAfter != nil {
      response.headers.append(("Retry-After", "\(retryAfter.map { max(1, Int($0.rounded(.up))) } ?? 1)"))
    }
    return response
  }
}

/// What became of a request, for logs and counters.
public struct Record: Sendable {
  public let request: Request
  /// The answer's status; 499 where the client left before there was one.
  public let status: Int
  /// Bytes of the request's body that came in.
  public let bytesIn: Int
  /// Bytes of the answer's body that were handed to the system.
  public let bytesOut: Int
  /// Nanoseconds from the complete head to the answer's last byte.
  public let duration: UInt64
  /// Whether the client left before the answer's last byte.
  public let clientLeft: Bool
  /// Why the server cut its answer off: its source failed.
  public let fault: Fault?
  /// What stood behind the answer's body in HTTP/2; where there was neither, its headers.
  public let ending: [(String, String)]
}
