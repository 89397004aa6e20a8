public import Base
public import YAML

extension RenderedSite {
  private enum Key: String, CaseIterable {
    case name, image, models, pipelines, server, worker, store, objects, bus, networks, function, costs
  }
  private enum ShareKey: String, CaseIterable { case replicas, cores, memory, disk, most }
  private enum NetworkKey: String, CaseIterable {
    case store, bus, objects, cameras, targets, telemetry, units, callers
  }
  private enum FunctionKey: String, CaseIterable {
    case memory, disk
    case atOnce = "at-once"
  }

  /// The key of a blueprint under which stands what is read here.
  public static let key = "render"

  /// Reads a blueprint whose stage was laid over it: the group `render`, and the settings of servers beside it.
  ///
  /// `settingKeys` are those that `ridley serve --config` reads.
  ///
  /// - Throws: `badInput` with everything that is wrong, each with `document:line:column`.
  public init(
    _ root: YAMLNode, document: String, stage: String?, settingKeys: Set<String>
  ) throws(Fault) {
    var diagnostics = Diagnostics(document: document)
    let value = YAMLValue(root, what: "the blueprint", document: document)
    guard case .map(let entries) = root.kind else { throw value.unfit("a group of keys") }
    guard let render = entries.first(where: { $0.key == Self.key }) else {
      throw value.fault(
        "nothing says what is rendered: the key '\(Self.key)' is missing, with a name and an image at least")
    }
    let group = YAMLValue(render.node, what: Self.key, document: document)
    let fields = DiagnosticFields<Key>(group, &diagnostics)
    let name = fields.required(.name, &diagnostics) { (value) throws(Fault) in try value.label(most: 40) }
    let image = fields.required(.image, &diagnostics) { (value) throws(Fault) in try value.image() }
    self.init(name: name ?? "", image: image ?? "")
    self.stage = stage
    if let stage, !YAMLValue.isLabel(stage, most: 20) {
      diagnostics.add(
        group,
        "the stage '\(stage)' cannot be rendered: expected small letters, digits and '-', at most 20, a letter in front"
      )
    }
    if let value = fields[.server] { readServer(value, &diagnostics) }
    if let value = fields[.worker] { mostWorkers = Self.read(value, into: &worker, mostReplicas: 10_000, &diagnostics) }
    readAddresses(fields, entries, document, &diagnostics)
    readNetworks(fields[.networks], &diagnostics)
    readFunction(fields[.function], &diagnostics)
    readSettings(entries, settingKeys, document, &diagnostics)
    readPlaces(fields, entries, group, &diagnostics)
    costs = fields[.costs].flatMap { CostQuestion($0, &diagnostics) }
    if store == nil, !countsServers { server.replicas = 1 }
    checkParts(group, &diagnostics)
    if let fault = diagnostics.fault { throw fault }
  }

  private mutating func readServer(_ value: YAMLValue, _ diagnostics: inout Diagnostics) {
    _ = Self.read(value, into: &server, mostReplicas: 100, &diagnostics)
    if case .map(let keys) = value.node.kind { countsServers = keys.contains { $0.key == "replicas" } }
  }

  /// Where the image has models and pipelines, whose names beside `render` may be those of things.
  private mutating func readPlaces(
    _ fields: DiagnosticFields<Key>, _ entries: [YAMLEntry], _ group: YAMLValue, _ diagnostics: inout Diagnostics
  ) {
    for key in [Key.models, .pipelines] { if let value = fields[key] { readPlace(value, key.rawValue, &diagnostics) } }
    guard entries.contains(where: { $0.key == "models" }),
      !settings.contains(where: { $0.key == "models" || $0.key == "registry" })
    else { return }
    diagnostics.add(
      group,
      "servers have no folder of models: say where the image has them, render: {models: /models}, or 'registry: true'")
  }

  /// Those of `render`, else those that servers are started with.
  private mutating func readAddresses(
    _ fields: DiagnosticFields<Key>, _ entries: [YAMLEntry], _ document: String, _ diagnostics: inout Diagnostics
  ) {
    func read(_ key: Key, _ schemes: [String]) -> Address? {
      let beside = entries.first { $0.key == key.rawValue }.map {
        YAMLValue($0.node, what: $0.key, document: document)
      }
      guard let value = fields[key] ?? beside else { return nil }
      return diagnostics.attempt(value) { (value) throws(Fault) in try value.address(schemes) }
    }
    store = read(.store, ["postgres://", "postgresql://", "dynamodb://"])
    objects = read(.objects, ["s3://"])
    bus = read(.bus, ["redis://", "rediss://", "postgres://", "postgresql://"])
  }

  /// Reads one share, and gives its `most`.
  private static func read(
    _ value: YAMLValue, into share: inout Share, mostReplicas: Int, _ diagnostics: inout Diagnostics
  ) -> Int? {
    let fields = DiagnosticFields<ShareKey>(value, &diagnostics)
    fields.set(&share.replicas, .replicas, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 0...mostReplicas, example: 2)
    }
    fields.set(&share.cores, .cores, &diagnostics) { (value) throws(Fault) in
      let cores = Double(try value.number(example: "2"))
      guard (0.1...256).contains(cores) else { throw value.fault("cores is out of range, expected 0.1 to 256") }
      return (cores * 1000).rounded() / 1000
    }
    fields.set(&share.memory, .memory, &diagnostics) { (value) throws(Fault) in try value.mebibytes(from: 256) }
    fields.set(&share.disk, .disk, &diagnostics) { (value) throws(Fault) in try value.mebibytes(from: 128) }
    return fields.value(.most, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...10_000, example: 20)
    }
  }

  private mutating func readNetworks(_ value: YAMLValue?, _ diagnostics: inout Diagnostics) {
    guard let value else { return }
    let fields = DiagnosticFields<NetworkKey>(value, &diagnostics)
    let range = { (value: YAMLValue) throws(Fault) -> String in try value.addressRange() }
    networks.store = fields.value(.store, &diagnostics, range)
    networks.bus = fields.value(.bus, &diagnostics, range)
    networks.objects = fields.value(.objects, &diagnostics, range)
    networks.cameras = fields.value(.cameras, &diagnostics, range)
    networks.targets = fields.value(.targets, &diagnostics, range)
    networks.telemetry = fields.value(.telemetry, &diagnostics, range)
    networks.units = fields.value(.units, &diagnostics, range)
    fields.set(&networks.callers, .callers, &diagnostics) { (value) throws(Fault) in try value.label(most: 63) }
  }

  private mutating func readFunction(_ value: YAMLValue?, _ diagnostics: inout Diagnostics) {
    guard let value else { return }
    let fields = DiagnosticFields<FunctionKey>(value, &diagnostics)
    fields.set(&function.memory, .memory, &diagnostics) { (value) throws(Fault) in
      try value.mebibytes(from: 1769, to: 10_240)
    }
    fields.set(&function.disk, .disk, &diagnostics) { (value) throws(Fault) in
      try value.mebibytes(from: 512, to: 10_240)
    }
    fields.set(&function.items, .atOnce, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...10_000, example: 100)
    }
  }

  /// What servers are started with, and whether one is to watch streams.
  private mutating func readSettings(
    _ entries: [YAMLEntry], _ known: Set<String>, _ document: String, _ diagnostics: inout Diagnostics
  ) {
    for entry in entries {
      if entry.key == "streams" { sources = Self.members(entry, ["source", "view"]) }
      if entry.key == "targets" { targets = Self.members(entry, ["address"]) }
      guard known.contains(entry.key), !Self.isThings(entry), !Self.addressKeys.contains(entry.key) else { continue }
      if Self.ownSettings.contains(entry.key) {
        diagnostics.add(
          entry.place, "'\(entry.key)' is decided by what is rendered: leave it out, at this stage at least")
      }
      checkOutside(YAMLValue(entry.node, what: entry.key, document: document), &diagnostics)
      settings.append(entry)
    }
  }

  /// What stands under these keys in each of a group.
  private static func members(_ group: YAMLEntry, _ keys: [String]) -> [Address] {
    guard case .map(let things) = group.node.kind else { return [] }
    return things.flatMap { (thing) -> [Address] in
      guard case .map(let entries) = thing.node.kind else { return [] }
      return keys.flatMap { addresses(entries, $0) }
    }
  }

  /// What running servers are told of by `ridley deploy apply`, and not started with.
  private static func isThings(_ entry: YAMLEntry) -> Bool {
    switch entry.key {
    case "streams", "targets": true
    case "models", "pipelines": if case .map = entry.node.kind { true } else { false }
    default: false
    }
  }

  /// What no part says by itself.
  private func checkParts(_ group: YAMLValue, _ diagnostics: inout Diagnostics) {
    if store == nil, objects != nil || bus != nil {
      diagnostics.add(group, "objects and bus are of a library that is shared: the key 'store' is missing")
    }
    if store != nil, objects == nil {
      diagnostics.add(group, "a library that is shared needs its bytes in a bucket: the key 'objects' is missing")
    }
    if store == nil, server.replicas > 1 {
      diagnostics.add(
        group, "\(server.replicas) servers need a library that they share: give store and objects, or one server")
    }
    if store == nil, worker.replicas > 256 {
      diagnostics.add(
        group, "\(worker.replicas) workers need a library that they share: a server itself has at most 256")
    }
    if store == nil, mostWorkers != nil {
      diagnostics.add(group, "workers that come and go need a library that is shared: give store and objects")
    }
  }
}

extension CostQuestion {
  private enum Key: String, CaseIterable { case prices, machine, function, gpu, pipelines, video }
  private enum VideoKey: String, CaseIterable { case size, codec, fps }

  init?(_ value: YAMLValue, _ diagnostics: inout Diagnostics) {
    let fields = DiagnosticFields<Key>(value, &diagnostics)
    let word = { (value: YAMLValue) throws(Fault) -> String in try value.text() }
    let prices = fields.required(.prices, &diagnostics, word)
    let machine = fields.required(.machine, &diagnostics, word)
    let pipelines = fields.required(.pipelines, &diagnostics) { (value) throws(Fault) in
      var files: [String] = []
      for item in try value.itemsOrOne() { files.append(try item.text()) }
      return files
    }
    guard let prices, let machine, let pipelines else { return nil }
    self.init(prices: prices, machine: machine, pipelines: pipelines)
    function = fields.value(.function, &diagnostics, word)
    gpu = fields.value(.gpu, &diagnostics, word)
    guard let video = fields[.video] else { return }
    let keys = DiagnosticFields<VideoKey>(video, &diagnostics)
    keys.set(&size, .size, &diagnostics) { (value) throws(Fault) in try value.pictureSize() }
    keys.set(&codec, .codec, &diagnostics) { (value) throws(Fault) in try value.label(most: 20) }
    keys.set(&fps, .fps, &diagnostics) { (value) throws(Fault) in
      let fps = Double(try value.number(example: "25"))
      guard (0.01...1000).contains(fps) else { throw value.fault("fps is out of range, expected 0.01 to 1000") }
      return fps
    }
  }
}
