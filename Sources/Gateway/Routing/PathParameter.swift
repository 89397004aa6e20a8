/// A parameter in a path: what its text is read as, and what the description of all routes says of it.
struct PathParameter<Value: Sendable>: Sendable {
  /// As it stands in patterns: `model` for `{model}`.
  let name: String
  let documentation: ParameterDocument
  /// `nil` for a text that is none of its values: nothing stands at such a path.
  let read: @Sendable (String) -> Value?

  /// `component` names it in the description, where `schema` is what it may be.
  init(
    _ name: String, component: String, _ text: String, schema: Document, read: @escaping @Sendable (String) -> Value?
  ) {
    (self.name, self.read) = (name, read)
    documentation = ParameterDocument(component, name, in: .path, text, schema: schema)
  }
}

extension PathParameter where Value == String {
  /// One that is any text here: the one that looks it up says that there is no such thing, and what there is instead.
  init(_ name: String, component: String, _ text: String, pattern: String) {
    self.init(name, component: component, text, schema: ["type": "string", "pattern": .text(pattern)]) { $0 }
  }

  static let model = PathParameter("model", component: "Model", "A model's name.", pattern: NamePattern.any)
  static let version = PathParameter(
    "version", component: "VersionOrAlias", "A version, or an alias such as live.", pattern: NamePattern.any)
}

/// Regular expressions of names, for the description.
enum NamePattern {
  /// Of models, versions and aliases.
  static let any = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"
}

/// What the description of all routes says of a parameter, which it lists once by the name `component`.
struct ParameterDocument: Sendable {
  enum Place: String, Sendable { case path, query, header }

  let component: String
  let name: String
  let place: Place
  let document: Document

  init(_ component: String, _ name: String, in place: Place, _ text: String, schema: Document) {
    (self.component, self.name, self.place) = (component, name, place)
    var entries: [(String, Document)] = [("name", .text(name)), ("in", .text(place.rawValue))]
    if place == .path { entries.append(("required", true)) }
    document = .object(entries + [("description", .text(text)), ("schema", schema)])
  }
}
