// swift-tools-version: 6.2
import PackageDescription

/// Compiler settings shared by every Swift room.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Rooms without inner loops are compiled to be small: what they do is little beside the work of others.
let cold: [SwiftSetting] = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// Rooms whose loops go over every pixel, or over each byte of what everything is kept and sent as, are optimized for tests too; C in headers is compiled
/// as they are.
let inner: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Rooms that speak to C mark every unsafe expression.
let bridge: [SwiftSetting] = strict + [.strictMemorySafety()]

/// The engine comes from a pinned wheel that `./bootstrap` unpacks here: headers and libraries, no system package.
let engine = Context.packageDirectory + "/.deps/openvino"
let engineHeaders: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-I\(engine)/include"])]
let engineForCXX: [CXXSetting] = [.unsafeFlags(["-isystem", "\(engine)/include", "-Wall", "-Wextra", "-Werror"])]

/// Finds the engine beside the installed program, else in the checkout; no path of the build machine is kept.
///
/// The engine finds the operators of `COpenVINOOperators` in the program by the name that is exported.
let engineLibraries: [LinkerSetting] = [
  .unsafeFlags([
    "-L\(engine)/libs", "-Xlinker", "--export-dynamic-symbol=create_extensions",
    "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/ridley",
    "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../../../.deps/openvino/libs",
  ])
]

/// A Swift room: what it may see is exactly what is listed here.
func room(
  _ name: String, sees: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict, resources: [Resource] = [],
  scripts: [String] = []
) -> Target {
  .target(
    name: name, dependencies: sees, exclude: ["README.md"] + scripts, resources: resources, swiftSettings: settings)
}

/// The tests of rooms, a line each.
///
/// The room, with a star where they link the engine; what they see beside it and TestKit; behind a bar what of theirs is no source. Tests/ArchitectureTests
/// reads it too.
let testTable = """
  Base:
  Vision: Base Predictions
  Batching:
  Predictions: Base Crypto JSON
  Rendering: Base Predictions
  Reports: Base Evaluation Predictions
  Evaluation: Base JSON Predictions | coco_reference.py
  Rollouts: Base JSON Predictions
  Exports: Base Insights Predictions | open_exports.py requirements.txt
  Drift: Base Predictions
  Insights: Base Media Predictions
  Features*: Base Execution Insights Media ridley
  Media: Base CFFmpeg
  Isolation: Base CProcess
  Web: Base
  Ingest: Base
  Streams: Base Catalog Execution Isolation MediaProcess Pipelines Predictions Telemetry ridley | cameras.py clips.py disk.py drift.py events.py gate.py hostile.py kills.py odd.py recordings.py rollout.py serve.py view.py watch.py web.py wires.py
  Recordings: Base Catalog Items MediaProcess
  JSON: Base
  XML: Base
  Pipelines: Base Insights Predictions Vision
  OpenInference: Base Protobuf
  Protobuf: Base
  Forms: Base
  Items: Base
  Catalog: Base Items Predictions
  Planning: Base Pipelines
  DeployTargets*: Base Deploy Gateway Pipelines Planning YAML
  Library: Access Base Catalog DynamoDB Exports Insights Items LibraryKit Objects Predictions Store Uploads library-worker
  Jobs*: Base Bus Catalog Execution Inference Items JSON Library LibraryKit Loading ModelHub Objects Pipelines Planning Predictions Reports Rollouts Store Telemetry
  Delivery*: Base Catalog Items Library LibraryKit Objects Store library-worker ridley
  Registry: Base Catalog Crypto Items Library LibraryKit ModelHub Objects Predictions Rollouts Store
  Updates: Base Crypto JSON Rollouts
  Fleet: Base Catalog Crypto Items JSON Library LibraryKit Objects Store Updates
  Edge*: Base Catalog Crypto Fleet Items JSON Library LibraryKit Objects Predictions Rollouts Search SearchLanguage Store Updates library-worker ridley
  Placement*: Base Inference JSON Pipelines Serving
  SearchLanguage: Base Catalog LibraryKit | Golden
  Search*: Base Catalog Execution Inference Items Library LibraryKit ModelHub Objects Predictions SearchLanguage Store Vectors library-worker
  Vectors: Base
  Tokenization: Base
  Telemetry: Base
  Store: Base DynamoDB Items Objects PostgreSQL SQLite store-worker | dynamodb-trouble.py
  Redis: Base
  Bus: Base Items Redis SQLite Store bus-worker
  Units*: Base Bus Inference Serving ridley
  Inference*: Base NetworkFormats
  Serving*: Base Execution Inference Isolation Loading MediaProcess ModelHub ModelProcess Pipelines Predictions Rollouts Vision ridley
  NetworkFormats: Base
  Access: Base
  Crypto: Base
  YAML: Base
  Deploy: Base YAML
  Objects: Base Crypto Uploads objects-worker | requirements.txt
  Lambda: Base Objects
  OCI: Base Crypto Objects | hostile.py
  Uploads: Base
  Loading*: Base Inference ModelHub Pipelines Predictions Vision
  Metadata: Base Vision
  ModelHub: Base Crypto Predictions Vision
  Execution*: Base Inference Loading Media ModelHub Pipelines Predictions Vision
  Analysis*: Base Execution Inference Loading Media ModelHub Pipelines Predictions Reports Vision
  Dashboard: PageScripts Rendering
  Gateway*: Access Base Bus Catalog Crypto Delivery Drift Edge Fleet Inference Insights Items JSON Jobs Library LibraryKit MediaProcess Objects Predictions Search Serving Store Streams Updates Uploads Web YAML ridley
  ModelProcess*: Base CProcess Inference Isolation Loading ModelHub ridley
  MediaProcess: Base Ingest Isolation Media ridley | liar.py
  """

/// The target of a line of the table.
func tests(_ line: Substring) -> Target {
  let parts = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
  let linksEngine = parts[0][0].hasSuffix("*:")
  let room = String(parts[0][0].dropLast(linksEngine ? 2 : 1))
  return .testTarget(
    name: room + "Tests",
    dependencies: [.target(name: room), "TestKit"] + parts[0].dropFirst().map { .byName(name: $0) },
    exclude: parts.count > 1 ? parts[1] : [], swiftSettings: strict + (linksEngine ? engineHeaders : []),
    linkerSettings: linksEngine ? engineLibraries : [])
}

let package = Package(
  name: "ridley",
  targets: [
    // Each heading is a storey of the house; Tests/ArchitectureTests holds every arrow between rooms to them.
    // Cellar: C headers, and what the engine does not allow in C.
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat libavcodec libswscale libswresample libavutil",
      providers: [
        .apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev", "libswresample-dev", "libavutil-dev"])
      ]),
    .systemLibrary(name: "CYUV", providers: [.apt(["libyuv-dev"])]),
    .systemLibrary(name: "COpenVINO"),
    .target(
      name: "COpenVINOOperators", exclude: ["README.md"], cxxSettings: engineForCXX,
      linkerSettings: [.linkedLibrary("openvino")]),
    .systemLibrary(name: "CONNXRuntime"), .systemLibrary(name: "CLiteRT"), .systemLibrary(name: "CFeatures"),
    .target(
      name: "CSimdjson", exclude: ["README.md"], cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("simdjson")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CProcess"),
    .target(name: "CProgram"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(name: "CLlhttp", cSettings: [.define("LLHTTP_STRICT_MODE", to: "1")]),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CVideo"),
    .systemLibrary(name: "CRTMP", pkgConfig: "librtmp", providers: [.apt(["librtmp-dev"])]),
    .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CNanopb", providers: [.apt(["libnanopb-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CHiredis", pkgConfig: "libssl", providers: [.apt(["libhiredis-dev", "libssl-dev"])]),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

    // Ground: faults, sizes, bytes to text.
    room("Base", sees: ["CProgram"], strict + inner),

    // Thinking rooms: values in, decisions out. Pipelines takes nodes of YAML and OpenInference those of JSON, values too.
    room("Predictions", sees: ["Base", "Crypto", "JSON"]),
    room("Vision", sees: ["Base", "Predictions"]),
    room("Batching"),
    room("Evaluation", sees: ["Base", "JSON", "Predictions"], cold),
    room("Reports", sees: ["Base", "Evaluation", "Insights", "Predictions", "Rendering"], cold),
    room("Exports", sees: ["Base", "Insights", "Predictions"], cold),
    room(
      "Insights", sees: ["Base", "Crypto", "Predictions", "YAML"],
      resources: [.embedInCode("Content/vocabulary.tsv"), .embedInCode("Safety/safety.yaml")],
      scripts: ["Content/list-vocabulary"]),
    room("Drift", sees: ["Base", "JSON", "Predictions"]),
    room("Pipelines", sees: ["Base", "Insights", "Predictions", "Vision", "YAML"], cold),
    room(
      "OpenInference", sees: ["Base", "JSON", "Protobuf"], resources: [.embedInCode("Protocols/descriptors.bin")],
      scripts: ["Protocols/make-descriptors", "Protocols/inference.proto", "Protocols/grpc"]),
    room("Forms", sees: ["Base"]),
    room("Uploads", sees: ["Base", "JSON"], cold),
    room("Items", sees: ["Base", "JSON"], strict + inner),
    room("Catalog", sees: ["Base", "Items", "JSON", "Predictions"], cold),
    room("SearchLanguage", sees: ["Base", "Catalog", "Items"], cold),
    room("Vectors", sees: ["Base"], bridge),
    room("Tokenization", sees: ["Base"]),
    room("Planning", sees: ["Base", "Crypto", "JSON", "Pipelines", "YAML"], cold),
    room("DeployTargets", sees: ["Base", "Planning", "YAML"], cold),
    room("Rollouts", sees: ["Base", "Crypto", "Drift", "Items", "JSON", "Predictions", "Reports"], cold),

    // Engine rooms: one C library each (Media: FFmpeg and its scaler libyuv), or files, names and keys.
    room("Media", sees: ["CFFmpeg", "CYUV", "Base"], bridge + inner),
    room(
      "NetworkFormats", sees: ["Base"], bridge, resources: [.embedInCode("onnx-operators.txt")],
      scripts: ["list-operators"]),
    room(
      "Inference", sees: ["COpenVINO", "COpenVINOOperators", "Base", "Batching", "Crypto", "NetworkFormats"],
      bridge + engineHeaders),
    room("LiteRT", sees: ["CLiteRT", "Base", "Inference", "NetworkFormats"], bridge + engineHeaders),
    room("ONNXRuntime", sees: ["CONNXRuntime", "Base", "Inference"], bridge + engineHeaders),
    room("Features", sees: ["CFeatures", "Base", "Inference", "Insights"], bridge + engineHeaders),
    room("Rendering", sees: ["CFreeType", "Base", "Predictions"], bridge),
    room("YAML", sees: ["CYAML", "Base"], bridge),
    room("JSON", sees: ["CSimdjson", "Base"], bridge + inner),
    room("XML", sees: ["CExpat", "Base"], bridge),
    room("Protobuf", sees: ["CNanopb", "Base"], bridge),
    room("Crypto", sees: ["CCrypto", "Base"], bridge),
    room("Isolation", sees: ["CProcess", "Base"], bridge),
    room("Objects", sees: ["CCurl", "Base", "Crypto", "JSON", "Uploads", "XML"], bridge),
    room("OCI", sees: ["Base", "Crypto", "JSON", "Objects"], cold),
    room("Lambda", sees: ["Base", "JSON", "Objects"], cold),
    room("Telemetry", sees: ["Base", "Objects", "Protobuf"], cold),
    room("Web", sees: ["CEpoll", "CLlhttp", "CNGHTTP2", "CTLS", "Base"], bridge),
    room("ModelHub", sees: ["Base", "Crypto", "NetworkFormats", "Objects", "Predictions", "Vision", "YAML"], cold),
    room("Metadata", sees: ["CZlib", "Base", "NetworkFormats", "Vision"], bridge),
    room("Access", sees: ["Base", "YAML", "Crypto"], cold),
    room("SQLite", sees: ["CSQLite", "Base"], bridge),
    room("PostgreSQL", sees: ["CPostgreSQL", "Base"], bridge + inner),
    room("DynamoDB", sees: ["Base", "JSON", "Objects"], cold),
    room("Store", sees: ["Base", "DynamoDB", "Items", "Objects", "PostgreSQL", "SQLite"], bridge),
    room("Ingest", sees: ["CRTMP", "Base", "Crypto"], bridge),
    room("Redis", sees: ["CHiredis", "Base"], bridge),
    room("MQTT", sees: ["CMosquitto", "Base"], bridge),
    room("Bus", sees: ["Base", "PostgreSQL", "Redis", "SQLite"], cold),

    // Doing: models and pipelines loaded and at work, and foreign media in processes of their own.
    room("MediaProcess", sees: ["CVideo", "Base", "Ingest", "Isolation", "Media"], bridge),
    room(
      "Loading", sees: ["Base", "Crypto", "Inference", "Metadata", "ModelHub", "Pipelines", "Predictions", "Vision"],
      cold + engineHeaders),
    room("ModelProcess", sees: ["Base", "Inference", "Isolation", "Loading", "ModelHub"], bridge + engineHeaders),
    room(
      "Execution",
      sees: [
        "Base", "Crypto", "Features", "Inference", "Insights", "Loading", "Media", "MediaProcess", "ModelHub",
        "Pipelines", "Predictions", "Tokenization", "Vision",
      ],
      strict + engineHeaders),

    // Services: what the program does for those who ask.
    room(
      "Serving",
      sees: [
        "Base", "Batching", "Execution", "Inference", "Insights", "Isolation", "Loading", "Media", "MediaProcess",
        "ModelHub", "ModelProcess", "Pipelines", "Predictions", "Rendering", "Rollouts", "Telemetry", "Vision",
      ],
      strict + engineHeaders),
    room(
      "Analysis",
      sees: [
        "Base", "Execution", "Inference", "Insights", "Loading", "Media", "ModelHub", "Pipelines", "Predictions",
        "Rendering", "Reports",
      ],
      strict + engineHeaders),

    room(
      "Streams",
      sees: [
        "Base", "Catalog", "Drift", "Execution", "Isolation", "Media", "MediaProcess", "Objects", "Pipelines",
        "Predictions", "Telemetry", "Vision",
      ],
      bridge + engineHeaders),
    room("Recordings", sees: ["Base", "Catalog", "Items", "JSON", "Media", "MediaProcess"], bridge),
    room(
      "Library",
      sees: [
        "Access", "Base", "Catalog", "Crypto", "Exports", "Insights", "Items", "JSON", "Objects", "Predictions",
        "Store", "Uploads",
      ], cold),
    room("Updates", sees: ["Base", "Crypto", "Items", "JSON", "Rollouts"], cold),

    // Bulk: what stands on several services.
    room(
      "Jobs",
      sees: [
        "Analysis", "Base", "Bus", "Catalog", "Crypto", "Execution", "Inference", "Items", "JSON", "Library", "Media",
        "Objects", "Pipelines", "Planning", "Predictions", "Reports", "Rollouts", "Store", "Telemetry",
      ], cold + engineHeaders),

    room(
      "Delivery", sees: ["Base", "Catalog", "Crypto", "Items", "JSON", "Library", "MQTT", "Objects", "Store"], cold),
    room(
      "Search",
      sees: [
        "Base", "Catalog", "Crypto", "Items", "JSON", "Library", "Objects", "Predictions", "SearchLanguage", "Store",
        "Vectors",
      ], cold),
    room(
      "Registry",
      sees: [
        "Base", "Catalog", "Crypto", "Items", "JSON", "Library", "ModelHub", "Objects", "OpenInference",
        "Predictions", "Reports", "Rollouts", "Store", "Vision", "YAML",
      ], cold),
    room(
      "Fleet", sees: ["Base", "Catalog", "Crypto", "Items", "JSON", "Library", "Objects", "Store", "Updates"], cold),
    room(
      "Placement",
      sees: [
        "Analysis", "Base", "Execution", "Inference", "JSON", "Loading", "Media", "ModelHub", "Objects", "Pipelines",
        "Predictions", "Reports", "Serving", "Vision",
      ], bridge + engineHeaders),
    room("Units", sees: ["Base", "Bus", "Inference", "Serving"], bridge + engineHeaders),
    room("Deploy", sees: ["Base", "Crypto", "JSON", "YAML"], cold),

    // Outposts: what works far from its centre, and what the centre takes from there.
    room(
      "Edge",
      sees: [
        "Base", "Catalog", "Crypto", "Fleet", "Items", "JSON", "Library", "Objects", "Rollouts", "Store", "Updates",
      ], cold),

    // Door: what a server shows to the world.
    room("PageScripts", resources: [.embedInCode("Packaged")]),
    room("Dashboard", sees: ["Crypto", "PageScripts"], resources: [.embedInCode("Page")], scripts: ["list-page"]),
    room(
      "Gateway",
      sees: [
        "Access", "Base", "Batching", "Catalog", "Crypto", "Dashboard", "Delivery", "Drift", "Edge", "Execution",
        "Exports", "Fleet", "Forms", "Inference", "Insights", "Items", "Jobs", "JSON", "Library", "Objects",
        "OpenInference", "Pipelines", "Predictions", "Recordings", "Registry", "Rollouts", "Search", "SearchLanguage",
        "Serving", "Streams", "Telemetry", "Updates", "Uploads", "Vision", "Web", "YAML",
      ], cold + engineHeaders),

    // Upstairs: commands and wiring.
    .executableTarget(
      name: "ridley",
      dependencies: [
        "Access", "Analysis", "Base", "Bus", "Catalog", "CMalloc", "Crypto", "Delivery", "Deploy", "DeployTargets",
        "Drift", "Edge", "Evaluation", "Execution", "Exports", "Features", "Fleet", "Gateway", "Inference", "Insights",
        "Isolation", "Items", "Jobs", "JSON", "Lambda", "Library", "LiteRT", "Loading", "Media", "MediaProcess",
        "ModelHub", "ModelProcess", "NetworkFormats", "Objects", "OCI", "ONNXRuntime", "Pipelines", "Placement",
        "Planning", "Predictions", "Recordings", "Registry", "Rendering", "Reports", "Rollouts", "Search",
        "SearchLanguage", "Serving", "Store", "Streams", "Telemetry", "Units", "Updates", "Vision", "Web", "YAML",
      ],
      exclude: ["README.md"], swiftSettings: cold + engineHeaders, linkerSettings: engineLibraries),

    // Tests: what no user gets; those of rooms stand in the table above.
    room(
      "Fuzz",
      sees: [
        "Base", "Catalog", "Forms", "Inference", "JSON", "Media", "Metadata", "ModelHub", "OpenInference", "Pipelines",
        "Predictions", "SearchLanguage", "TestKit", "Vectors", "Vision", "Web", "YAML",
      ], strict + engineHeaders),
    .executableTarget(
      name: "fuzz-worker", dependencies: ["Base", "Fuzz"], swiftSettings: strict + engineHeaders,
      linkerSettings: engineLibraries),
    .testTarget(
      name: "FuzzTests", dependencies: ["Base", "Vision", "Fuzz", "fuzz-worker", "TestKit"],
      swiftSettings: strict + engineHeaders, linkerSettings: engineLibraries),
    .executableTarget(
      name: "objects-worker", dependencies: ["Base", "Crypto", "Objects", "Uploads"], swiftSettings: strict),
    .executableTarget(
      name: "library-worker",
      dependencies: ["Base", "Catalog", "Items", "Library", "Objects", "Predictions", "Search", "Store", "Uploads"],
      swiftSettings: strict),
    .executableTarget(name: "store-worker", dependencies: ["Base", "Items", "Store"], swiftSettings: strict),
    .executableTarget(name: "bus-worker", dependencies: ["Base", "Bus", "Items", "Store"], swiftSettings: strict),
    room("TestKit", sees: ["Base"], [.swiftLanguageMode(.v6)]),
    room(
      "LibraryKit",
      sees: ["Base", "Bus", "Catalog", "Items", "Library", "Objects", "SearchLanguage", "Store", "TestKit"],
      [.swiftLanguageMode(.v6)]),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestKit"], swiftSettings: strict),
    .testTarget(
      name: "RuntimeTests", dependencies: ["Base", "Inference", "LiteRT", "ONNXRuntime", "TestKit"],
      swiftSettings: strict + engineHeaders, linkerSettings: engineLibraries),
    .testTarget(name: "ServeClientTests", dependencies: ["ridley", "TestKit"], swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Base", "Catalog", "Crypto", "Inference", "Items", "Library", "Media", "MediaProcess", "Predictions",
        "Registry", "Reports", "ridley", "TestKit", "Updates",
      ], exclude: ["lambda_interface.py"], swiftSettings: strict + engineHeaders,
      linkerSettings: engineLibraries),
  ] + testTable.split(separator: "\n").map(tests),
  cxxLanguageStandard: .cxx17
)

// libFuzzer brings the main function, so this is built alone: see `make fuzz`.
if Context.environment["RIDLEY_FUZZ"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "fuzz-engine", dependencies: ["Base", "Fuzz"], swiftSettings: strict + engineHeaders,
      linkerSettings: engineLibraries))
}

// What a media process costs, a library as it grows, and what of a film is found how fast and how well, for bench/media,
// bench/library and bench/analysers; no part of the product.
if Context.environment["RIDLEY_BENCH"] == "1" {
  func bench(_ name: String, sees: [Target.Dependency], runsNetworks: Bool = false) {
    package.targets.append(
      .executableTarget(
        name: name, dependencies: sees, swiftSettings: strict + (runsNetworks ? engineHeaders : []),
        linkerSettings: runsNetworks ? engineLibraries : []))
  }
  bench("media-bench", sees: ["Base", "Isolation", "Media", "MediaProcess"])
  bench("library-bench", sees: ["Base", "Catalog", "Items", "Library", "Store"])
  bench("search-bench", sees: ["Base", "Catalog", "Items", "Library", "Search", "SearchLanguage", "Store"])
  bench("vectors-bench", sees: ["Base", "Catalog", "Items", "Library", "Objects", "Search", "Store", "Vectors"])
  bench("shots-bench", sees: ["Base", "Insights", "Media"])
  bench(
    "sound-bench", sees: ["Base", "Execution", "Inference", "Insights", "Media", "MediaProcess"], runsNetworks: true)
  bench("labels-bench", sees: ["Base", "Insights", "JSON", "Predictions"])
  bench(
    "breaks-bench", sees: ["Base", "Execution", "Inference", "Insights", "Loading", "Media"], runsNetworks: true)
  bench(
    "products-bench",
    sees: [
      "Base", "Execution", "Features", "Inference", "Insights", "Loading", "Media", "MediaProcess", "ModelHub",
      "Predictions", "Vision",
    ], runsNetworks: true)
}
