public import Base
internal import JSON

/// Who asks a registry.
public struct RegistryCredentials: Sendable, Hashable {
  public var user: String
  public var password: String
  /// In place of a password: a token that others are got with.
  public var identityToken: String?

  public init(user: String, password: String, identityToken: String? = nil) {
    (self.user, self.password, self.identityToken) = (user, password, identityToken)
  }

  /// What was found for a registry.
  public enum Found: Sendable, Hashable {
    case none
    case known(RegistryCredentials)
    /// A program keeps them, which is not run.
    case helper(String)
  }

  /// Those of the registry of a reference: of `RIDLEY_REGISTRY_USER` and `RIDLEY_REGISTRY_PASSWORD` where `RIDLEY_REGISTRY_HOST` names it, so that
  /// they go to no other; else of the files in which `docker login` and `podman login` keep them.
  ///
  /// The first file that has an entry counts: `REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json`, `$DOCKER_CONFIG/config.json`, and that
  /// in `~/.docker`. An entry for a part of the path goes before one for the host.
  ///
  /// - Throws: `badInput` where a file cannot be read as what it should be.
  public static func find(
    _ reference: ImageReference, environment: (String) -> String?
  ) throws(Fault) -> Found {
    func set(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let user = set("RIDLEY_REGISTRY_USER") {
      guard let password = set("RIDLEY_REGISTRY_PASSWORD"), let host = set("RIDLEY_REGISTRY_HOST") else {
        throw Fault(
          .usage,
          "RIDLEY_REGISTRY_USER is set without RIDLEY_REGISTRY_PASSWORD, or without RIDLEY_REGISTRY_HOST, which says whose they are: set all three, or none"
        )
      }
      if names(of: reference).contains(plain(host)) {
        return .known(RegistryCredentials(user: user, password: password))
      }
    }
    let docker = set("DOCKER_CONFIG") ?? set("HOME").map { "\($0)/.docker" }
    let files = [
      set("REGISTRY_AUTH_FILE"), set("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" },
      docker.map { "\($0)/config.json" },
    ].compactMap(\.self)
    var helper: String?
    for file in files where FileSystem.kind(of: file) == .file {
      let found: Found
      do throws(Fault) { found = try look(file, reference) } catch {
        throw error.message.contains(file) ? error : error.at(file)
      }
      switch found {
      case .known(let credentials): return .known(credentials)
      case .helper(let name): helper = helper ?? name
      case .none: break
      }
    }
    return helper.map(Found.helper) ?? .none
  }

  private enum Key: String, CaseIterable { case auths, credHelpers, credsStore }
  private enum EntryKey: String, CaseIterable { case auth, username, password, identitytoken }

  private static func look(_ file: String, _ reference: ImageReference) throws(Fault) -> Found {
    let text = try FileSystem.read(file, limit: 4 << 20)
    guard !text.isEmpty else { return .none }
    let document = try JSONDocument(parsing: text.span.bytes, name: file)
    let fields = try document.root.fields(Key.self, others: .ignored)
    var entries: [(key: String, value: JSONValue)] = []
    if let auths = fields.given(.auths) { for entry in try auths.members() { entries.append(entry) } }
    for name in names(of: reference) {
      guard let entry = entries.first(where: { plain($0.key) == name })?.value, entry.kind == .object else { continue }
      if let found = try credentials(entry) { return .known(found) }
    }
    if let helpers = fields.given(.credHelpers) {
      for helper in try helpers.members() where names(of: reference).contains(plain(helper.key)) {
        return .helper(try helper.value.string())
      }
    }
    return try fields.given(.credsStore).map { (store) throws(Fault) in .helper(try store.string()) } ?? .none
  }

  /// From the whole path to the host alone.
  private static func names(of reference: ImageReference) -> [String] {
    let registry = reference.registry.lowercased()
    let parts = reference.repository.split(separator: "/")
    let paths = (1...parts.count).reversed().map { "\(registry)/\(parts.prefix($0).joined(separator: "/"))" }
    let isHub = reference.host != reference.registry
    return paths + [registry] + (isHub ? ["docker.io", "index.docker.io"] : [])
  }

  /// `https://index.docker.io/v1/` is `index.docker.io`.
  private static func plain(_ key: String) -> String {
    var name = key
    for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name = String(name.dropFirst(scheme.count)) }
    while name.hasSuffix("/") { name.removeLast() }
    for version in ["/v1", "/v2"] where name.hasSuffix(version) && !name.dropLast(3).contains("/") {
      name = String(name.dropLast(3))
    }
    return name.lowercased()
  }

  /// `nil` for an entry that says nothing: the programs that keep credentials leave such.
  private static func credentials(_ entry: JSONValue) throws(Fault) -> RegistryCredentials? {
    let fields = try entry.fields(EntryKey.self, others: .ignored)
    let text = { (key: EntryKey) throws(Fault) -> String? in
      let value = try fields.given(key)?.string() ?? ""
      return value.isEmpty ? nil : value
    }
    let token = try text(.identitytoken)
    if let auth = try text(.auth) {
      // Bytes that are no UTF-8 would become others.
      guard let bytes = Base64.decode(auth), let both = String(validating: bytes, as: UTF8.self),
        let colon = both.firstIndex(of: ":")
      else { throw entry.fault("its auth is not 'user:password' in Base64: log in anew") }
      // Some writers end it by zeros.
      let password = both[both.index(after: colon)...].prefix { $0 != "\0" }
      return RegistryCredentials(user: String(both[..<colon]), password: String(password), identityToken: token)
    }
    if let user = try text(.username), let password = try text(.password) {
      return RegistryCredentials(user: user, password: password, identityToken: token)
    }
    return token.map { RegistryCredentials(user: "", password: "", identityToken: $0) }
  }
}
