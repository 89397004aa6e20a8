import Base
import Rollouts

/// One thing that `ridley` does.
protocol Command: Sendable {
  /// The words that call it: `["model", "pull"]`.
  var path: [String] { get }
  var summary: String { get }
  var positionals: [Positional] { get }
  var options: [Option] { get }
  var examples: [String] { get }

  /// It opens foreign files, so it runs in a child process whose crash becomes a message.
  var isContained: Bool { get }
  /// Ctrl-C asks it to end, and it does so in good order; others are ended at once.
  var endsWhenAsked: Bool { get }

  /// Prints its answer; with `--json`, a fault that is thrown comes before anything that was printed.
  func run(_ arguments: Arguments) throws(Fault) -> ExitCode
}

extension Command {
  var isContained: Bool { false }
  var endsWhenAsked: Bool { false }
  var name: String { path.joined(separator: " ") }
  /// What works with a library does so with one that is shared.
  var allOptions: [Option] { options.contains { $0.name == "library" } ? options + SharedPlace.options : options }
}

/// Every command, in the order of the help.
enum Commands {
  static let all: [any Command] = [
    AnalyzeCommand(), WatchCommand(), ServeCommand(), ProbeCommand(), TuneCommand(), ModelListCommand(),
    ModelPullCommand(), ModelPushCommand(), ModelInspectCommand(), ModelAddCommand(), LearnNormalCommand(),
    QuantizeCommand(),
    ModelVerifyCommand(), ModelPublishCommand(), ModelVersionsCommand(), ModelAliasCommand(), ModelRollbackCommand(),
    // The words of a command go before a model that is rolled out.
    ModelRolloutStatusCommand(), RolloutActionCommand(.pause), RolloutActionCommand(.resume),
    RolloutActionCommand(.promote), RolloutActionCommand(.abort), ModelRolloutCommand(),
    ModelHistoryCommand(), ModelWhichCommand(), ModelExportCommand(), ModelShowCommand(), ModelRecordCommand(),
    ModelAnsweredCommand(), ModelTagCommand(), ModelMetricCommand(), ModelSignCommand(), ModelVerifySignatureCommand(),
    ModelRemoveCommand(), ModelCollectCommand(),
    ModelEvaluateCommand(), ModelTrialCommand(), ModelEvaluationsCommand(),
    PipelineListCommand(), PipelineCheckCommand(), PipelineDriftCommand(), LibraryAddCommand(), LibraryListCommand(),
    // The words of a command go before a search for them.
    SearchAlertAddCommand(), SearchAlertListCommand(), SearchAlertRemoveCommand(), SearchShareListCommand(),
    SearchShareRevokeCommand(), SearchShareUsesCommand(), SearchShareCommand(), SearchDuplicatesCommand(),
    SearchCommand(),
    LibraryShowCommand(),
    LibraryEditCommand(),
    LibraryMoveCommand(), LibraryDeleteCommand(), LibraryTotalsCommand(),
    LibraryVerifyCommand(), LibraryTraceCommand(), LibraryDiffCommand(), LibraryBackupCommand(),
    LibraryRestoreCommand(), LibraryCopyCommand(), LibraryTableCommand(), ExportCommand(),
    ClientListCommand(), ClientLimitCommand(),
    ClientPurgeCommand(), JobStartCommand(), JobListCommand(), JobShowCommand(), JobRetryCommand(),
    JobPauseCommand(), JobResumeCommand(), JobCancelCommand(), WorkerCommand(), UnitCommand(),
    TaskPlanCommand(), TaskRunCommand(), FunctionTaskCommand(), FunctionAPICommand(),
    TriggerAddCommand(), TriggerListCommand(), TriggerRemoveCommand(), TriggerPauseCommand(), TriggerResumeCommand(),
    TriggerRunCommand(),
    TargetListCommand(), TargetAddCommand(), TargetRemoveCommand(), TargetPauseCommand(), TargetResumeCommand(),
    TargetTestCommand(), TargetReplayCommand(), DeliveryListCommand(),
    CatalogueAddCommand(), CatalogueListCommand(), CatalogueCheckCommand(), CatalogueRemoveCommand(),
    StreamDriftCommand(), StreamExportCommand(), StreamSaveCommand(),
    DeployCheckCommand(), DeployPlanCommand(), DeployApplyCommand(), DeployDriftCommand(),
    DeployRenderCommand(),
    EdgeTokenCommand(), EdgeListCommand(), EdgeRevokeCommand(), EdgeTagsCommand(), FleetUpdateCommand(),
    FleetRollbackCommand(), FleetStopCommand(), FleetUpdatesCommand(), KeyCreateCommand(), KeyListCommand(),
    KeyRevokeCommand(), HealthCommand(),
    CompletionCommand(), VersionCommand(),
  ]

  /// What ridley starts itself; people are not told of it.
  static let hidden: [any Command] = [MediaProcessCommand(), ModelProcessCommand(), SourceProcessCommand()]

  /// Words that begin several commands, with what they are about.
  static let groups: [(word: String, summary: String)] = [
    ("model", "models: which there are, fetching them, looking into a network, giving it a name"),
    ("pipeline", "pipelines: what is done to frames, as YAML"),
    ("library", "the library: assets, every answer kept, and totals that stay true"),
    ("client", "clients of the library: which there are, what they may store, removing one"),
    ("job", "jobs: pipelines over many assets, spread over workers"),
    ("task", "tasks of jobs, for engines that hand them out themselves"),
    ("function", "functions of AWS Lambda: the program as one"),
    ("trigger", "triggers: pipelines that are started by themselves"),
    ("target", "targets: webhooks and brokers that are told what happens in streams"),
    ("delivery", "deliveries: what targets were told"),
    ("catalogue", "catalogues of products, known by pictures of them"),
    ("stream", "live streams of a server"),
    ("deploy", "blueprints: what running servers shall have, as one file"),
    ("edge", "nodes at the edge: how one comes in, which there are, shutting one out"),
    ("fleet", "updates of nodes: models, pipelines and the program, step by step and back"),
    ("key", "keys: who may use a server, for what and how often"),
  ]
}
