internal import Base
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

  public init() {}

  private enum Key: String, CaseIterable {
    case listen, certificate, key, next, join
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
    if listen == nil, let value = fields[.certificate] ?? fields[.next] ?? fields[.bundleKeys] {
      throw value.fault("this is about the door that nodes come to: say where that is, with edge: {listen: HOST:PORT}")
    }
  }
}
