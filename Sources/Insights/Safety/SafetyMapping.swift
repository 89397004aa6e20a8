internal import YAML

/// How bad it is to stand beside it; the worst first.
public enum Risk: String, Sendable, Hashable, CaseIterable, Comparable {
  case floor, high, medium, low

  /// The worse one is the greater.
  public static func < (a: Risk, b: Risk) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .floor: 3
    case .high: 2
    case .medium: 1
    case .low: 0
    }
  }
}

/// Rules by which answers of networks become categories of a taxonomy, with their risk: a document that users write their own of.
///
/// The format is described in `docs/analysers.md`.
public struct SafetyMapping: Sendable {
  public struct Category: Sendable, Hashable {
    public var id: String
    public var name: String
  }

  public struct Rule: Sendable {
    public var name: String
    /// The category's id.
    public var category: String
    public var risk: Risk
    /// Independent networks that must see it on the same frame.
    public var agree: Int
    /// A shorter sight is no finding but a doubt; a film (or picture) that is shorter itself must show it in all of it.
    public var frames: Int
    public var seconds: Double
    /// How old a network's last answer may be to stand for one about this frame, where not every network looked at it; seconds.
    public var within: Double
    public var signals: [Signal]
    let place: YAMLPlace
  }

  /// Labels that mean the thing, in the words of some networks.
  public struct Signal: Sendable {
    /// Names of steps or models; empty is every network that has one of the labels.
    public var networks: [String]
    public var labels: [String]
    /// Least score of their sum (or of the greatest, where scores do not exclude each other), 0 to 1.
    public var score: Double
    let place: YAMLPlace
    let labelPlaces: [YAMLPlace]
  }

  /// The document's name, in front of every fault.
  public let document: String
  public let id: Versioned
  public let taxonomy: Versioned
  /// All that a result has an opinion on, or says that it has none.
  public let categories: [Category]
  /// Ids of the taxonomy for the tiers, where it has some.
  public let risks: [Risk: String]
  /// Sights of one thing with less between them are one; seconds.
  public let merge: Double
  public let rules: [Rule]

  /// The sensitive topics of IAB's Content Taxonomy 3.1, as far as networks that can be had freely see any of them.
  public static let builtIn: SafetyMapping = {
    do { return try read(bytes: PackageResources.safety_yaml, name: "safety.yaml") } catch {
      preconditionFailure("the mapping that is built in cannot be read: \(error)")
    }
  }()
}
