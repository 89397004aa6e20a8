public import Base

/// One thing that a blueprint wants a server to have.
public struct Thing: Sendable, Hashable {
  public let key: ThingKey
  /// All that the server will show of it, defaults too, so that a comparison has no doubts.
  public internal(set) var fields = ThingFields()
  /// What the server takes and does not show, by the names of its API: passwords, and addresses with all that is in them.
  var hidden: [String: String] = [:]
  /// Hidden values that are yet to be fetched.
  var references: [String: SecretReference] = [:]
  /// What has to be there before it can be.
  var needs: [Need] = []

  init(_ key: ThingKey) { self.key = key }

  /// Something that a server must have, or the thing does not work.
  enum Need: Sendable, Hashable {
    case pipeline(String)
    case model(String)
    /// A version that is ready, with this digest where one is said.
    case version(String, of: String, digest: String?)
  }

  /// What it needs that the blueprint does not make itself.
  func outerNeeds(in site: Site) -> [Need] {
    needs.filter { need in
      guard case .pipeline(let name) = need else { return true }
      return !site.things.contains { $0.key == ThingKey(.pipeline, name, server: key.server) }
    }
  }

  /// With its secrets, and with what servers will show of addresses.
  func resolved(_ addresses: SiteAddresses) throws(Fault) -> Thing {
    var thing = self
    for (name, reference) in references.sorted(by: { $0.key < $1.key }) {
      let secret = try reference.resolve()
      thing.hidden[name] = secret
      if key.kind == .target, name == "address" {
        guard ConcealedAddress.origin(secret) != nil else {
          throw Fault(
            .badInput,
            "the address of \(key.text), which is a secret, is no address of a webhook: https://HOST/PATH, without a user"
          )
        }
        // Until the state says by what it is known again.
        thing.fields.set(name, ConcealedAddress.text(secret, seal: ""))
      }
      if key.kind == .stream {
        do throws(Fault) { thing.fields.set(name, try addresses.shown(secret)) } catch {
          throw Fault(error.kind, "the \(name) of \(key.text), which is a secret, is no address of a stream")
        }
      }
    }
    thing.references = [:]
    return thing
  }
}

/// How servers show addresses of streams; the room of streams knows.
public struct SiteAddresses: Sendable {
  /// Without user, password and query.
  let shown: @Sendable (String) throws(Fault) -> String

  /// `shown` throws for what is no address of a stream.
  public init(shown: @escaping @Sendable (String) throws(Fault) -> String) { self.shown = shown }
}
