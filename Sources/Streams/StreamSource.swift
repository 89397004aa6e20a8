public import Base

/// Where a live stream comes from; user and password are kept apart, and shown nowhere.
public struct StreamSource: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case rtsp(host: String, port: Int)
    /// A film that is played as a camera would send it, once or again and again.
    case film(path: String, loops: Bool)
    /// A stream or a playlist of HLS that is fetched by http or https.
    case web
    /// MPEG-TS in packets over UDP, to an address of this machine or to many, at the interface of an address.
    case packets(address: String, port: Int, interface: String?)
    case rtmp(host: String, port: Int)
    /// A camera at this machine, with the size and the pictures a second that are wanted of it.
    case device(path: String, size: Size?, rate: Double?)
  }

  public let kind: Kind
  /// Without user, password and query: what is listed and logged.
  public let shown: String
  /// Without user and password: what the source itself is asked for.
  let asked: String
  let account: (user: String, password: String)?
  /// The connection is secured by TLS.
  let isSecure: Bool
  /// A camera is asked for packets over UDP first, and not over its connection.
  let prefersDatagrams: Bool
  /// The digest of the one key that the server has to show, in place of a certificate that somebody vouches for.
  let key: String?

  /// Reads an address, or the path of a film, which `?loop=1` begins anew at its end.
  ///
  /// `rtsp://user:password@host:port/path`, `rtspu://` for packets over UDP and `rtsps://` for TLS; `http://`, `https://`, `udp://`, `rtmp://`, `rtmps://`; a camera
  /// at this machine as `/dev/video0`, or `v4l2:///dev/video0?size=1280x720&rate=30`.
  public init(_ text: String) throws(Fault) {
    guard text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw Fault(.badInput, "the address of a stream has at most 2000 characters, and none that steers a terminal")
    }
    guard let colon = text.firstRange(of: "://") else {
      let isDevice = text.hasPrefix("/dev/video") || text.hasPrefix("/dev/v4l/")
      if isDevice { try self.init(device: text[...]) } else { try self.init(film: text) }
      return
    }
    let (scheme, rest) = (text[..<colon.lowerBound].lowercased(), text[colon.upperBound...])
    switch scheme {
    case "file": try self.init(film: String(rest))
    case "v4l2": try self.init(device: rest)
    case "udp": try self.init(packets: rest)
    case "rtsp", "rtspu", "rtsps", "rtmp", "rtmps", "http", "https": try self.init(scheme, StreamAddress(rest, scheme))
    default:
      throw Fault(
        .unsupported,
        "streams come by rtsp, rtspu, rtsps, rtmp, rtmps, http, https, udp and v4l2, or from a file, and not by '\(scheme.prefix(20))://'"
      )
    }
  }

  private init(_ scheme: String, _ address: StreamAddress) throws(Fault) {
    (account, isSecure, prefersDatagrams) = (address.account, scheme.hasSuffix("s"), scheme == "rtspu")
    key = address.key
    asked = "\(prefersDatagrams ? "rtsp" : scheme)://\(address.server)\(address.path)"
    let isFetched = scheme.hasPrefix("http")
    guard key == nil || isSecure && !isFetched else {
      throw Fault(.badInput, "the key of a server stands behind addresses of rtsps and rtmps alone")
    }
    // What stands in the query of an address of the web is often all that it takes to get in.
    let query = address.path.drop { $0 != "?" }.lowercased()
    let secrets = ["pass", "pwd", "user", "token", "auth", "key", "secret", "sign"]
    let hidesQuery = !query.isEmpty && (!scheme.hasPrefix("rtsp") || secrets.contains { query.contains($0) })
    let path = hidesQuery ? address.path.prefix { $0 != "?" } + "?…" : address.path[...]
    shown = "\(scheme)://\(address.server)\(Self.withoutSecrets(path, secrets))"
    kind =
      isFetched
      ? .web
      : scheme.hasPrefix("rtmp")
        ? .rtmp(host: address.host, port: address.port) : .rtsp(host: address.host, port: address.port)
  }

  /// Some cameras want user and password in the path: `/user=admin_password=…_channel=1.sdp`.
  private static func withoutSecrets(_ path: Substring, _ words: [String]) -> String {
    let lowered = path.lowercased()
    guard let first = words.compactMap({ lowered.firstRange(of: $0)?.lowerBound }).min(),
      let sign = lowered[first...].firstIndex(of: "=")
    else { return String(path) }
    return path.prefix(lowered.distance(from: lowered.startIndex, to: sign) + 1) + "…"
  }

  private init(kind: Kind, shown: String) {
    (self.kind, self.shown, asked, account) = (kind, shown, shown, nil)
    (isSecure, prefersDatagrams, key) = (false, false, nil)
  }

  /// The same source where it says that it has moved to: the password is told to the same host alone, and what was secret stays so.
  func moved(to text: String) throws(Fault) -> StreamSource {
    let next = try StreamSource(text)
    guard case .rtsp(let host, _) = kind, case .rtsp(let newHost, _) = next.kind, next.isSecure || !isSecure else {
      throw Fault(
        .denied,
        "the source has moved to '\(next.shown)', which is no address of its kind: give that one, where it is right")
    }
    return StreamSource(next, isSame: host.lowercased() == newHost.lowercased(), as: self)
  }

  private init(_ next: StreamSource, isSame: Bool, as old: StreamSource) {
    (kind, shown, asked, isSecure) = (next.kind, next.shown, next.asked, next.isSecure)
    account = next.account ?? (isSame ? old.account : nil)
    (prefersDatagrams, key) = (old.prefersDatagrams && !next.isSecure, next.key ?? (isSame ? old.key : nil))
  }

  /// Films are played from below some folders alone; which those are is not told.
  static func check(_ path: String, isBelow roots: [String]) throws(Fault) {
    // What is not there keeps its '..', which would tell by the answer what is there elsewhere.
    let isBelow =
      !path.split(separator: "/").contains("..")
      && roots.contains { root in
        let folder = FileSystem.absolute(root)
        return path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
      }
    guard isBelow else {
      throw Fault(
        .denied,
        "films are played from the folders that the server's configuration names under 'films', and from no other")
    }
  }

  private init(film text: String) throws(Fault) {
    let parts = text.split(separator: "?", maxSplits: 1)
    let asked = parts.count > 1 ? parts[1] : ""
    guard ["", "loop=1", "loop=0"].contains(asked), let path = parts.first else {
      throw Fault(.badInput, "'\(text.prefix(100))' is no path: after '?' stands loop=1, or nothing")
    }
    self.init(kind: .film(path: String(path), loops: asked == "loop=1"), shown: text)
  }

  /// `/dev/video0?size=1280x720&rate=30`.
  private init(device text: Substring) throws(Fault) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    var isKnown = names.count > 2 && names.starts(with: ["", "dev"]) && !names.contains("..") && names.last != ""
    var (size, rate) = (Size?.none, Double?.none)
    for part in parts.count > 1 ? parts[1].split(separator: "&", omittingEmptySubsequences: false) : [] {
      let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let sides = (words.last ?? "").split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      if words.first == "size", sides.count == 2, sides.allSatisfy({ (16...16384).contains($0) }) {
        size = Size(width: sides[0], height: sides[1])
      } else if words.first == "rate", let number = Double(words.last ?? ""), (0.1...1000).contains(number) {
        rate = number
      } else {
        isKnown = false
      }
    }
    guard isKnown else {
      throw Fault(
        .badInput,
        "'\(text.prefix(100))' is no camera of this machine: write /dev/video0, or v4l2:///dev/video0?size=1280x720&rate=30"
      )
    }
    self.init(kind: .device(path: String(parts[0]), size: size, rate: rate), shown: "v4l2://\(text)")
  }

  /// Of a device, whatever addresses others may watch.
  static let deviceRefusal = Fault(
    .denied, "a camera at this machine is watched where a key with the scope admin, or the configuration, asks for it")

  /// `@239.0.0.1:5004?localaddr=192.168.1.5`, `:5004`.
  private init(packets rest: Substring) throws(Fault) {
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let server = parts[0].drop { $0 == "@" }.prefix { $0 != "/" }
    let (host, port) = StreamAddress.halves(server)
    let interface = parts.count > 1 ? parts[1] : ""
    guard let number = Int(port), (1...65535).contains(number), interface.isEmpty || interface.hasPrefix("localaddr=")
    else {
      throw Fault(
        .badInput,
        "'udp://\(rest.prefix(100))' names no port: write udp://:5004, or udp://@239.0.0.1:5004, and '?localaddr=' behind it for an interface"
      )
    }
    self.init(
      kind: .packets(address: host, port: number, interface: interface.isEmpty ? nil : String(interface.dropFirst(10))),
      shown: "udp://\(rest)")
  }

  public static func == (a: StreamSource, b: StreamSource) -> Bool {
    a.kind == b.kind && a.shown == b.shown && a.asked == b.asked && a.key == b.key
      && a.account?.user == b.account?.user && a.account?.password == b.account?.password
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(asked)
  }
}
