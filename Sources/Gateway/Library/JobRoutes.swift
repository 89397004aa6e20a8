internal import Access
internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Jobs
internal import Library
internal import Web

/// Jobs over HTTP: pipelines over many assets, how far they are, and what became of them.
enum JobRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        library: .get, "/v1/jobs", for: .read,
        Operation(
          "listJobs", "Jobs, the newest first", answer(json(schema("JobPage"))),
          parameters: [
            LibraryQuery.client.documentation, state.documentation, LibraryQuery.limit.documentation,
            LibraryQuery.after.documentation,
          ]), answer: list),
      Route(
        library: .post, "/v1/jobs", for: .write, body: .small, isSlow: true,
        Operation(
          "startJob", "Starts a job over the assets of a selection; under the same Idempotency-Key it is started once",
          [("202", ["description": "Started, or started before.", "content": json(schema("Job"))])],
          body: body(json(schema("JobRequest"))), failures: [.notFound, .conflict]), answer: start),
      Route(
        library: .get, "/v1/jobs/backlog", for: .read,
        Operation(
          "getBacklog",
          "Tasks that may be had and those that are at work: of every client for the key of an operator, else the own",
          answer(json(schema("Backlog")))), answer: backlog),
      Route(
        library: .get, "/v1/jobs/{job}", job, for: .read,
        Operation("getJob", "How far a job is", answer(json(schema("Job"))), failures: [.notFound]), answer: show),
      Route(
        .get, "/v1/jobs/{job}/events", job, .read, nil,
        Operation(
          "followJob", "How far a job is; as server-sent events until it is over where text/event-stream is accepted",
          answer(json(schema("Job")).with(["text/event-stream": ["schema": string]])), failures: [.notFound]),
        handler: { (context, id) throws(Failure) in
          context.body(
            .small, try context.onLibrary { (call, exchange) throws(Failure) in try follow(call, exchange, id) })
        }),
      Route(
        library: .post, "/v1/analyses", for: .write, body: .small, isSlow: true,
        Operation(
          "startAnalysis", "Analyses one asset, or what an address gives; the job tells how far that is",
          [("202", ["description": "Started, or started before.", "content": json(schema("Job"))])],
          body: body(json(schema("AnalysisRequest"))), failures: [.notFound, .conflict]), answer: startOne),
      Route(
        library: .get, "/v1/jobs/{job}/items", job, for: .read,
        Operation(
          "listJobItems", "The items of a job, in their order, or those in one state",
          answer(json(schema("JobItemPage"))),
          parameters: [
            itemState.documentation, itemReason.documentation, LibraryQuery.limit.documentation,
            LibraryQuery.after.documentation,
          ], failures: [.notFound]), answer: items),
      Route(
        library: .get, "/v1/jobs/{job}/reasons", job, for: .read,
        Operation(
          "listJobReasons", "Why items failed, each reason with how many did", answer(json(schema("JobReasonPage"))),
          parameters: [LibraryQuery.limit.documentation, LibraryQuery.after.documentation], failures: [.notFound]),
        answer: reasons),
      Route(
        library: .post, "/v1/jobs/{job}/pause", job, for: .write,
        Operation(
          "pauseJob", "Begins nothing more of a job; what runs is finished", answer(json(schema("Job"))),
          failures: [.notFound, .conflict]),
        answer: { (call, id) throws(Failure) in
          try change(call) { (jobs) throws(Fault) in try jobs.pause(id, scope: call.scope) }
        }),
      Route(
        library: .post, "/v1/jobs/{job}/resume", job, for: .write, body: .small,
        Operation(
          "resumeJob", "Goes on with a job that was paused, or that has spent its budget", answer(json(schema("Job"))),
          body: body(json(schema("JobResumption")), isRequired: false), failures: [.notFound, .conflict]),
        answer: resume),
      Route(
        library: .post, "/v1/jobs/{job}/cancel", job, for: .write, isSlow: true,
        Operation(
          "cancelJob", "Ends a job: what was published stays", answer(json(schema("Job"))),
          failures: [.notFound, .conflict]),
        answer: { (call, id) throws(Failure) in
          try change(call) { (jobs) throws(Fault) in try jobs.cancel(id, scope: call.scope) }
        }),
      Route(
        library: .post, "/v1/jobs/{job}/retry", job, for: .write, isSlow: true,
        Operation(
          "retryJob", "Tries the items again that failed, and no others", answer(json(schema("Job"))),
          failures: [.notFound, .conflict]),
        answer: { (call, id) throws(Failure) in
          try change(call) { (jobs) throws(Fault) in try jobs.retry(id, scope: call.scope).job }
        }),
    ], schemas: schemas)

  private static let job = PathParameter("job", component: "JobID", "A job's id.", pattern: ULID.pattern)
  private static let state = LibraryQuery.choice(
    "state", component: "JobState", "Only in this state.", Job.State.allCases.map(\.rawValue))

  private static func backlog(_ call: LibraryCall) throws(Failure) -> Response {
    let backlog = try call.perform { () throws(Fault) in try call.desk.jobs.backlog(scope: call.scope) }
    return .json(JSONWriter.object { $0.field("backlog", backlog) })
  }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let (client, limit, token) = (
      try call.client(query), try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query)
    )
    let wanted = try query(state).flatMap { Job.State(rawValue: $0) }
    let page = try call.perform { () throws(Fault) in
      try call.desk.jobs.list(client: client, state: wanted, scope: call.scope, limit: limit, after: token)
    }
    return .json(
      JSONWriter.object { json in
        json.array("jobs") { json in for job in page.elements { json.object { write(job, into: &$0) } } }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  static func found(_ call: LibraryCall, _ id: String) throws(Failure) -> Job {
    try call.perform { () throws(Fault) in try call.desk.jobs.job(id, scope: call.scope) }
  }

  private static func show(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let job = try found(call, id)
    let bytes = JSONWriter.object { write(job, into: &$0) }
    return call.answer(bytes, tag: Library.tag(of: bytes))
  }

  private static func reasons(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let (job, query) = (try found(call, id), try call.context.query())
    let (limit, token) = (try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query))
    let page = try call.perform { () throws(Fault) in try call.desk.jobs.reasons(of: job, limit: limit, after: token) }
    return .json(
      JSONWriter.object { json in
        json.array("reasons") { json in for reason in page.elements { json.object { reason.write(into: &$0) } } }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static func change(
    _ call: LibraryCall, _ body: (JobDesk) throws(Fault) -> Job
  ) throws(Failure) -> Response {
    let job = try call.perform { () throws(Fault) in try body(call.desk.jobs) }
    return .json(JSONWriter.object { write(job, into: &$0) })
  }

  private enum ResumptionKey: String, CaseIterable { case budget }

  private static func resume(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let budget = try call.perform { () throws(Fault) in
      try call.body.withBytes { (bytes) throws(Fault) -> Int? in
        guard !bytes.isEmpty else { return nil }
        let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(ResumptionKey.self)
        return try fields[.budget].map { (value) throws(Fault) in try JobAsk.money(value) }
      }
    }
    return try change(call) { (jobs) throws(Fault) in try jobs.resume(id, budget: budget, scope: call.scope) }
  }

  private static func follow(_ call: LibraryCall, _ exchange: Exchange, _ id: String) throws(Failure) {
    let (job, keys, caller) = (try found(call, id), call.context.gateway.keys, call.caller)
    guard call.context.request.header("accept")?.lowercased().contains("text/event-stream") ?? false else {
      return exchange.answer(.json(JSONWriter.object { write(job, into: &$0) }))
    }
    let follower = JobFollower(call.desk.jobs, job, scope: call.scope)
    call.desk.feed.add(exchange, follower.head, follower) {
      keys?.lets(caller, for: .read, at: Clock.date) ?? true
    }
  }

  private static func start(_ call: LibraryCall) throws(Failure) -> Response {
    try start(
      call,
      try call.perform { () throws(Fault) in
        try call.body.withBytes { (bytes) throws(Fault) in try JobAsk(json: bytes) }
      })
  }

  private static func startOne(_ call: LibraryCall) throws(Failure) -> Response {
    try start(
      call,
      try call.perform { () throws(Fault) in
        try call.body.withBytes { (bytes) throws(Fault) in try JobAsk(analysis: bytes) }
      })
  }

  private static func start(_ call: LibraryCall, _ asked: JobAsk) throws(Failure) -> Response {
    let query = try call.context.query()
    var ask = asked
    if ask.client == nil { ask.client = try call.client(query) }
    let key = call.context.request.header("idempotency-key")
    return try call.perform { () throws(Fault) -> Response in
      let mayReachPrivate = call.caller.key == nil || call.caller.scopes.allow(.admin)
      var request = try ask.request(call.context.models, key: key, reachesPrivate: mayReachPrivate)
      request.trace = call.context.gateway.place(of: call.context.request)
      let (job, _) = try call.desk.jobs.start(request, scope: call.scope)
      let headers = [("Content-Type", "application/json"), ("Location", "/v1/jobs/\(job.id)")]
      let body = JSONWriter.object { json in
        write(job, into: &json)
        json.field("secret", ifKnown: job.webhook?.secret)
      }
      return Response(202, headers: headers, body: body)
    }
  }

  /// A job with its pipelines, as callers see it, without the pipelines' texts and folders.
  static func write(_ job: Job, into json: inout JSONWriter) {
    job.write(into: &json)
    json.field("webhook", ifKnown: job.webhook?.address)
    json.field("trouble", ifKnown: job.webhook?.trouble)
    json.field("listing", !job.isListed && !job.state.isOver)
    json.array("pipelines") { json in
      for pipeline in job.pipelines {
        json.object { json in
          json.field("series", pipeline.series)
          json.field("digest", pipeline.digest)
          json.field("models", pipeline.models)
        }
      }
    }
  }
}
