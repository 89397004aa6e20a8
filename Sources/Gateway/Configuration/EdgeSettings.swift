internal import Base
public import Edge
internal import YAML

/// What a server is to nodes at the edge, or at the edge itself: `edge` in the configuration.
public struct EdgeSettings: Sendable, Hashable {
  /// Where nodes come in; `nil` where this server is no centre.
  public var listen: ListenAddress?
  /// The door's own certificate; `nil` for one that the server makes itself.
  public var certificate: ServeConfiguration.Certificate?
  /// A file with the certificate that the door will have next, so that nodes know its key before.
  public var next: String?
  /// Files with public keys of Ed25519, PEM: nodes that come in take what they are to run from the owner of one of these.
  public var bundleKeys: [String] = []
  /// The address of the centre whose node this server is; `nil` where it is nobody's.
  public var join: String?

  /// What a node forwards, within which rate of its link, and within which store.
  public var rules = EdgeRules()

  public init() {}

  private enum Key: String, CaseIterable {
    case listen, certificate, key, next, join, pictures, analyses, clips, store, rate
    case bundleKeys = "bundle-keys"
  }

  /// `path` is from the configuration's own folder.
  init(_ value: YAMLValue, path: (YAMLValue) throws(Fault) -> String) throws(Fault) {
    let fields = try value.fields(Key.self)
    if let value = fields[.listen] {
      do throws(Fault) { listen = try ListenAddress(text: try value.text()) } catch {
        throw error.kind == .usage ? value.fault(error.message) : error
      }
    }
    if fields[.certificate] != nil || fields[.key] != nil {
      certificate = ServeConfiguration.Certificate(
        certificate: try path(fields.required(.certificate)), key: try path(fields.required(.key)))
    }
    next = try fields[.next].map(path)
    for item in try fields[.bundleKeys]?.itemsOrOne() ?? [] { bundleKeys.append(try path(item)) }
    join = try fields[.join]?.text()
    rules.forwardsPictures = try fields[.pictures]?.flag() ?? true
    rules.forwardsAnalyses = try fields[.analyses]?.flag() ?? true
    rules.forwardsClips = try fields[.clips]?.flag() ?? true
    rules.store = try fields[.store].map { (value) throws(Fault) in
      try value.bytes(in: Self.leastStore...1 << 50)
    }
    rules.rate = try fields[.rate].map(Self.rate)
    if listen == nil, let value = fields[.certificate] ?? fields[.next] ?? fields[.bundleKeys] {
      throw value.fault("this is about the door that nodes come to: say where that is, with edge: {listen: HOST:PORT}")
    }
  }

  /// Bytes of a node's store, at least: less than that has no room for a clip and for what waits.
  private static let leastStore = 16 << 20

  /// Bits a second, as links are called: `5Mbit/s`, `512kbit/s`; in bytes.
  private static func rate(_ value: YAMLValue) throws(Fault) -> Int {
    let text = try value.text()
    for (unit, factor) in [("kbit/s", 1000.0), ("Mbit/s", 1e6), ("Gbit/s", 1e9)] where text.hasSuffix(unit) {
      let number = text.dropLast(unit.utf8.count).filter { $0 != " " }
      if let bits = Double(number), bits > 0, bits * factor >= 8000, bits * factor < 1e12 {
        return Int(bits * factor / 8)
      }
    }
    throw value.fault("'\(text.prefix(40))' is no rate of a link such as 5Mbit/s, and at least 8kbit/s")
  }
}
