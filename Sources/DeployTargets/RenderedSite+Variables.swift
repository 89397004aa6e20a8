internal import Base
internal import YAML

/// One variable of the environment that the program reads, and where its value comes from.
struct SiteVariable: Sendable, Hashable {
  /// As the program reads it: `RIDLEY_STORE`.
  var name: String
  /// As whoever deploys has it.
  var wanted: String
  /// What stands in the site, where that is no secret.
  var plain: String?
}

extension RenderedSite {
  /// The addresses of a shared library and, where they say nothing of themselves, who asks the bucket; and secrets of settings.
  var variables: [SiteVariable] {
    let library = isShared ? libraryVariables : []
    let known = Set(library.map(\.name))
    return library + secrets.filter { !known.contains($0) }.map { SiteVariable(name: $0, wanted: $0) }
  }

  private var libraryVariables: [SiteVariable] {
    var all: [SiteVariable] = []
    for (name, address) in [("RIDLEY_STORE", store), ("RIDLEY_BUS", bus), ("RIDLEY_OBJECTS", objects)] {
      switch address {
      case .plain(let text): all.append(SiteVariable(name: name, wanted: name, plain: text))
      case .variable(let variable): all.append(SiteVariable(name: name, wanted: variable))
      case nil: break
      }
    }
    let region = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    return all + region.map { SiteVariable(name: $0, wanted: $0) }
  }
}

extension RenderedSite {
  /// Whether the library keeps tasks: a table of DynamoDB does not.
  var hasBus: Bool { bus != nil || store?.isDynamoDB != true }

  /// The same as far as the site shows it: an address that is secret may be one of DynamoDB.
  var isTaskKeeperKnown: Bool { if case .variable? = store { bus != nil } else { hasBus } }

  /// Refuses workers where there are no tasks for them.
  func checkTasks() throws(Fault) {
    guard !hasBus else { return }
    throw Fault(
      .unsupported, "a library in DynamoDB keeps no tasks: give the site a bus besides, bus: {secret: env:RIDLEY_BUS}")
  }

  /// A folder of the image that servers are told of; its signs were looked at when it was read.
  func place(_ key: String) -> String? {
    guard let entry = settings.first(where: { $0.key == key }), case .scalar(let path, _) = entry.node.kind else {
      return nil
    }
    return path
  }

  /// Where settings have traces, logs and work on pictures go.
  var telemetry: [Address] {
    guard case .map(let keys)? = settings.first(where: { $0.key == "telemetry" })?.node.kind else { return [] }
    return Self.addresses(keys, "endpoint")
  }
  var units: [Address] { Self.addresses(settings, "units") }

  /// What stands under a key: an address, or a secret's place.
  static func addresses(_ entries: [YAMLEntry], _ key: String) -> [Address] {
    switch entries.first(where: { $0.key == key })?.node.kind {
    case .scalar(let text, _): [.plain(text)]
    case .map: [.variable(key)]
    case .list, nil: []
    }
  }

  /// What workers are told of the models of servers, behind other words of a list.
  var modelWords: String { place("models").map { ", --models, \($0)" } ?? "" }
}

extension RenderedSite.Share {
  /// `2`, `0.5`: cores as Compose has them.
  var coresText: String { NumberFormat.short(cores, 3) }

  /// Cores as Kubernetes has them, a share of them.
  func cpu(_ share: Double = 1) -> String {
    let thousandths = max(1, Int((cores * share * 1000).rounded()))
    return thousandths % 1000 == 0 ? "\(thousandths / 1000)" : "\(thousandths)m"
  }
}

extension String {
  /// MiB as Kubernetes has them, in Gi where they are whole.
  static func mebibytes(_ count: Int) -> String { count % 1024 == 0 ? "\(count / 1024)Gi" : "\(count)Mi" }
}
