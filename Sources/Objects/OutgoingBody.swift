public import Base

/// Fetches what a live source is made of, one body after the other, over connections that are kept.
///
/// Redirects are followed up to five times, never from https to anything else, each address through the gate that keeps strangers' wishes away from local
/// networks, without a proxy; files and other schemes never. What comes from the open network leads to no local one (``SourceLeave``). A password goes to the server that it was told for, and to no other. One thread at a time, which blocks.
public final class OutgoingBody {
  /// What is fetched, from its first byte on.
  public struct Head: Sendable, Hashable {
    /// Where it lies, behind redirects: what it names is relative to that.
    public let address: String
    /// `nil` where the server does not say, as with what has no end.
    public let byteCount: Int?
    /// It is the part that was asked for, and not all of it.
    public let isPart: Bool
  }

  public struct Account: Sendable {
    public let user: String
    public let password: String
    /// An address at the server that they are for.
    public let address: String

    public init(user: String, password: String, address: String) {
      (self.user, self.password, self.address) = (user, password, address)
    }
  }

  /// What has leave for addresses of this machine and of local networks, and what has not: connections that one of them keeps are not the other's.
  private let (near, open): (ServerConnection, ServerConnection)
  private var leave: SourceLeave
  private let account: Account?
  /// Its server takes no digest.
  private var isPlain = false

  public init(account: Account?, reachesPrivate: Bool, authorities: String? = nil) throws(Fault) {
    var limits = ServerConnection.Limits()
    (limits.connectSeconds, limits.stallSeconds, limits.answerByteCount) = (5, 30, 1 << 20)
    limits.asksProxy = false
    near = try ServerConnection(limits: limits, authorities: authorities)
    limits.reachesPrivate = false
    open = try ServerConnection(limits: limits, authorities: authorities)
    (self.account, leave) = (account, SourceLeave(isGiven: reachesPrivate))
  }

  /// Blocks until all of it has gone into the sink; `goesOn` is asked at least once a second.
  ///
  /// - Throws: `denied` for an address behind the gate, and where the server gives it to nobody; `notFound`, `unavailable`, `badInput`; what `head` and `sink` throw.
  public func fetch(
    _ text: String, at base: String, range: Range<Int>? = nil, head: (Head) throws(Fault) -> Void,
    into sink: ([UInt8]) throws(Fault) -> Void, goesOn: () -> Bool
  ) throws(Fault) {
    guard var place = WebAddress.resolve(text, at: base) else { throw Self.strange(text) }
    for _ in 0...Self.mostRedirects {
      let (request, origin) = (request(place, range), WebAddress.origin(of: place) ?? "")
      let connection = leave.covers(origin) ? near : open
      defer {
        if let isOutside = connection.isOutside { leave.note(origin, isOutside: isOutside) }
        if request.login != nil, connection.wantsPlainLogin { isPlain = true }
      }
      let answer = try withoutActuallyEscaping(head) { (head) throws(Fault) in
        try withoutActuallyEscaping(sink) { (sink) throws(Fault) in
          try connection.send(
            request, into: sink, goesOn: { _ in goesOn() },
            head: { (answer) throws(Fault) in try head(Head(place, answer)) })
        }
      }
      switch answer.status {
      case 200...299: return
      case 301, 302, 303, 307, 308:
        guard let location = answer["location"], let next = WebAddress.resolve(location, at: place),
          next.hasPrefix("https:") || !place.hasPrefix("https:")
        else { throw Self.strange(answer["location"] ?? "") }
        place = next
      default: throw Self.refusal(answer.status, place)
      }
    }
    throw Fault(.badInput, "\(Address(place).host) redirects more than \(Self.mostRedirects) times")
  }

  private static let mostRedirects = 5

  private func request(_ place: String, _ range: Range<Int>?) -> ServerRequest {
    var request = ServerRequest("GET", place)
    if let range {
      request.headers.append(("Range", "bytes=\(range.lowerBound)-\(max(range.lowerBound, range.upperBound - 1))"))
    }
    if let account, let origin = WebAddress.origin(of: place), origin == WebAddress.origin(of: account.address) {
      request.login = ServerRequest.Login(user: account.user, password: account.password)
      request.login?.isPlain = isPlain
    }
    return request
  }

  private static func strange(_ text: String) -> Fault {
    let shown = Address(String(text.prefix { $0 != "?" && $0 != "#" }))
    let scheme = shown.scheme.isEmpty ? "" : "\(shown.scheme.prefix(20))://"
    return Fault(
      .denied,
      "'\(scheme)\(shown.shown.prefix(200))' is not opened: a live source leads to addresses of http and https alone, and from https to https"
    )
  }

  private static func refusal(_ status: Int, _ place: String) -> Fault {
    let shown = Address(place).shown
    switch status {
    case 401, 403, 407: return Fault(.denied, "\(shown) is not given out to this user (\(status))")
    case 404, 410: return Fault(.notFound, "there is nothing at \(shown) (\(status))")
    default: return Fault(.unavailable, "\(shown) was answered with \(status)")
    }
  }
}

extension OutgoingBody.Head {
  fileprivate init(_ address: String, _ answer: ServerAnswer) {
    self.init(
      address: address,
      byteCount: answer["content-encoding"] == nil ? answer["content-length"].flatMap { Int($0) } : nil,
      isPart: answer.status == 206)
  }
}
