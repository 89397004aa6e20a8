internal import Base
internal import JSON
internal import Objects

/// Logging in, as registries want it (the distribution project's token authentication, or Basic).
extension RegistryClient {
  /// What is sent as `Authorization`.
  ///
  /// - Throws: `denied` where the registry knows nobody by these credentials, or wants some and there are none.
  func login(_ challenges: [LoginChallenge], _ doing: String) throws(Fault) -> String {
    if let bearer = challenges.first(where: { $0.scheme == "bearer" && $0.parameters["realm"] != nil }) {
      return "Bearer \(try token(bearer, doing))"
    }
    guard challenges.contains(where: { $0.scheme == "basic" }) else {
      let offered =
        challenges.isEmpty ? "none" : challenges.map { String($0.scheme.prefix(40)) }.joined(separator: ", ")
      throw Fault(
        .unsupported, "\(reference.registry) wants a login of a kind that is not known here (it offers \(offered))")
    }
    guard let basic = try basic() else { throw loginRefusal(doing, cause: nil) }
    return basic
  }

  /// `nil` where nothing is known of who asks.
  private func basic() throws(Fault) -> String? {
    guard case .known(let found) = credentials, !found.user.isEmpty else { return nil }
    return "Basic " + Base64.encode(Array("\(found.user):\(found.password)".utf8))
  }

  private enum TokenKey: String, CaseIterable {
    case token
    case accessToken = "access_token"
  }

  private func token(_ challenge: LoginChallenge, _ doing: String) throws(Fault) -> String {
    let realm = challenge.parameters["realm"] ?? ""
    guard let server = RegistryAddress(realm), server.scheme == "https" || isAllowedOpen(server) else {
      throw Fault(
        .denied,
        "\(reference.registry) has its tokens given out where nothing keeps a password safe: nothing was sent there",
        cause: realm)
    }
    let answer = try ask(try question(server, challenge))
    let name = "the answer of \(server.authority), which gives out tokens"
    guard (200...299).contains(answer.status) else {
      guard [400, 401, 403].contains(answer.status) else {
        throw Fault(.unavailable, "\(name), was \(answer.status): no login", cause: Self.cause(of: answer))
      }
      throw loginRefusal(doing, cause: Self.cause(of: answer))
    }
    let fields = try JSONDocument(parsing: answer.body.span.bytes, name: name).root.fields(
      TokenKey.self, others: .ignored)
    let token = try (fields.given(.token) ?? fields.given(.accessToken))?.string() ?? ""
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw Fault(.badInput, "\(name), has no token in it")
    }
    return token
  }

  /// A registry that is asked in the open may have its tokens given out so too, by itself or on this machine.
  private func isAllowedOpen(_ server: RegistryAddress) -> Bool {
    home.scheme == "http" && (server.origin == home.origin || Authority.isThisMachine(server.authority))
  }

  private func question(_ server: RegistryAddress, _ challenge: LoginChallenge) throws(Fault) -> ServerRequest {
    var parameters = challenge.parameters["service"].map { [("service", $0)] } ?? []
    let scopes = self.scopes(challenge)
    if case .known(let found) = credentials, let token = found.identityToken {
      parameters += [
        ("scope", scopes.joined(separator: " ")), ("grant_type", "refresh_token"), ("client_id", "ridley"),
        ("refresh_token", token),
      ]
      var request = ServerRequest("POST", server.text)
      request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
      request.body = .bytes(Array(Self.query(parameters).utf8))
      return request
    }
    parameters += scopes.map { ("scope", $0) }
    var request = ServerRequest("GET", parameters.isEmpty ? server.text : server.adding(Self.query(parameters)).text)
    if let basic = try basic() { request.headers = [("Authorization", basic)] }
    return request
  }

  /// What is to be allowed: what the registry says, and what will be needed next.
  private func scopes(_ challenge: LoginChallenge) -> [String] {
    var scopes = [
      purpose == .push ? "repository:\(reference.repository):pull,push" : "repository:\(reference.repository):pull"
    ]
    if let source = settings.source, purpose == .push { scopes.append("repository:\(source):pull") }
    let said = challenge.parameters["scope"]?.split(separator: " ").map(String.init) ?? []
    // Of this repository enough is asked for already.
    return scopes + said.filter { word in !scopes.contains { word.hasPrefix($0.prefix { $0 != "," }) } }.prefix(8)
  }

  private static func query(_ parameters: [(String, String)]) -> String {
    parameters.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
  }

  /// Why nobody got in, and what may help.
  func loginRefusal(_ doing: String, cause: String?) -> Fault {
    let host = reference.registry
    switch credentials {
    case .known(let found):
      let who = found.user.isEmpty ? "this token" : "'\(found.user)'"
      return Fault(
        .denied, "\(host) does not let \(who) \(doing): are name and password right, and is it allowed to?",
        cause: cause)
    case .helper(let name):
      return Fault(
        .denied,
        "\(host) wants a login to \(doing), and yours is kept by the program docker-credential-\(name), which is not run: set RIDLEY_REGISTRY_HOST, RIDLEY_REGISTRY_USER and RIDLEY_REGISTRY_PASSWORD",
        cause: cause)
    case .none:
      return Fault(
        .denied,
        "\(host) wants a login to \(doing): run 'docker login \(host)' or 'podman login \(host)', or set RIDLEY_REGISTRY_HOST, RIDLEY_REGISTRY_USER and RIDLEY_REGISTRY_PASSWORD",
        cause: cause)
    }
  }
}
