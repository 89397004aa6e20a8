public import Base
public import Predictions

/// The scheduler of frames on their way through a pipeline's networks: which jobs are next, and which frames are done.
///
/// A frame that is added has a job for each network that is shown whole frames; what a detector finds makes jobs for those that are
/// shown crops of it. Jobs wait in queues, one for each loaded model. A value: frames are numbers here, in the order in which they were
/// added, and whoever runs the jobs keeps what they stand for. Its memory is used again and again, so that a frame in which nothing is
/// found asks for none.
public struct FrameScheduler: Sendable {
  /// What happens to frames that come faster than they can be looked at.
  public enum Policy: Sendable {
    /// They wait outside: every frame is looked at, in order.
    case inOrder
    /// A frame that none of the networks has begun with gives its place to the next one that comes.
    case latestWins
  }

  /// One question to a network.
  public struct Job: Sendable, Hashable {
    public let frame: Int
    /// The network, by its position in the pipeline.
    public let step: Int
    /// The crop, counted within frame and network; 0 for a whole frame.
    public let crop: Int
  }

  /// A frame that every network has answered about, or what stood in the way.
  public struct Done: Sendable {
    public let frame: Int
    /// In the order of the networks; parents stand before what was found on them.
    public let predictions: Result<[Prediction], Fault>
  }

  /// One job's answers.
  private struct Found: Sendable {
    /// The part of the picture that is shown, in fractions; `nil` for all of it.
    var region: Rect?
    /// The detection that is shown: crop and position among the answers of its own network.
    var source = (crop: 0, position: 0)
    var answers: [Prediction] = []
  }

  /// A place in line.
  private struct Place: Sendable {
    /// By network and crop.
    var found: [[Found]]
    /// Jobs that are not answered yet, and those that were begun.
    var open = 0
    var begun = 0
    var fault: Fault?
  }

  private let pipeline: Pipeline
  private let policy: Policy
  private let roots: [Int]
  /// The queue of each network.
  private let queueOf: [Int]
  private var queues: [[Job]]
  /// By the frame's number modulo their count.
  private var places: [Place]
  /// Number of the oldest frame in line, and of the next.
  private var (first, next) = (0, 0)
  /// Jobs that each network was given.
  public private(set) var jobCounts: [Int]
  /// Frames that gave their place to a newer one.
  public private(set) var displaced = 0

  /// For at most `limit` frames in line.
  ///
  /// `queueOf` says the queue of each of the pipeline's networks, from 0; networks with the same model share one.
  public init(_ pipeline: Pipeline, queueOf: [Int], limit: Int, policy: Policy = .inOrder) {
    precondition(queueOf.count == pipeline.infer.count, "each network has a queue")
    precondition(limit > (policy == .latestWins ? 1 : 0), "a line has room, and for the latest frame one place more")
    (self.pipeline, self.queueOf, self.policy) = (pipeline, queueOf, policy)
    roots = pipeline.infer.indices.filter { pipeline.infer[$0].on == nil }
    queues = Array(repeating: [], count: (queueOf.max() ?? -1) + 1)
    let nothing = [[Found]](repeating: [], count: pipeline.infer.count)
    places = (0..<limit).map { _ in Place(found: nothing) }
    jobCounts = Array(repeating: 0, count: pipeline.infer.count)
  }

  public var isEmpty: Bool { next == first }

  /// Something waits to be begun.
  public var hasJobs: Bool { queues.contains { !$0.isEmpty } }

  /// A frame that comes now would have to wait.
  public var isFull: Bool { next - first >= places.count && !latestWaits }

  /// Takes a frame in and gives its number, which is that of the frame before it where that gave up its place.
  public mutating func add() -> Int {
    precondition(!isFull, "a frame came where there was no place")
    if latestWaits { displaceLatest() }
    let (number, place) = (next, next % places.count)
    (places[place].begun, places[place].fault) = (0, nil)
    for step in places[place].found.indices { places[place].found[step].removeAll(keepingCapacity: true) }
    next += 1
    for step in roots { ask(about: number, step, Found()) }
    return number
  }

  /// The newest frame was not begun, and may be displaced.
  private var latestWaits: Bool {
    policy == .latestWins && !isEmpty && places[(next - 1) % places.count].begun == 0
  }

  private mutating func displaceLatest() {
    next -= 1
    for queue in queues.indices { queues[queue].removeAll { $0.frame == next } }
    places[next % places.count].open = 0
    for step in roots { jobCounts[step] -= 1 }
    displaced += 1
  }

  /// Takes the next job of a queue, to be begun at once.
  public mutating func takeJob(from queue: Int) -> Job? {
    guard let job = queues[queue].first, mayBegin(job.frame) else { return nil }
    queues[queue].removeFirst()
    places[job.frame % places.count].begun += 1
    return job
  }

  /// Where the latest wins, the last place in line is for a frame that can still be displaced.
  private func mayBegin(_ frame: Int) -> Bool {
    policy == .inOrder || frame - first < places.count - 1
  }

  /// The part of the picture that a job is about, in fractions; `nil` for all of it.
  public func region(of job: Job) -> Rect? { places[job.frame % places.count].found[job.step][job.crop].region }

  /// Takes the answers to a job in, and makes jobs of them for the networks that are shown what it found.
  public mutating func answer(_ job: Job, _ result: Result<[Prediction], Fault>) {
    let place = job.frame % places.count
    places[place].open -= 1
    switch result {
    case .failure(let fault): places[place].fault = places[place].fault ?? fault
    case .success(let answers):
      let kept = answers.filter { pipeline.keeps($0, of: job.step) }
      places[place].found[job.step][job.crop].answers = kept
      for step in pipeline.infer.indices where pipeline.infer[step].on == job.step {
        for (position, answer) in kept.enumerated() {
          guard let region = pipeline.infer[step].crop(of: answer) else { continue }
          ask(about: job.frame, step, Found(region: region, source: (job.crop, position)))
        }
      }
    }
  }

  private mutating func ask(about frame: Int, _ step: Int, _ found: Found) {
    let place = frame % places.count
    places[place].found[step].append(found)
    places[place].open += 1
    jobCounts[step] += 1
    queues[queueOf[step]].append(Job(frame: frame, step: step, crop: places[place].found[step].count - 1))
  }

  /// The oldest frame, once every job about it was answered; its place is free afterwards.
  public mutating func takeDone() -> Done? {
    let place = first % places.count
    guard !isEmpty, places[place].open == 0 else { return nil }
    defer { first += 1 }
    if let fault = places[place].fault { return Done(frame: first, predictions: .failure(fault)) }
    return Done(frame: first, predictions: .success(flat(places[place].found)))
  }

  /// All answers in one list: network by network, in the order of what they were found on, whenever they came.
  private func flat(_ found: [[Found]]) -> [Prediction] {
    if pipeline.infer.count == 1 { return found[0][0].answers }
    var list: [Prediction] = []
    // Where the answers to each job begin, by network and crop.
    var starts: [[Int]] = []
    for (step, jobs) in found.enumerated() {
      var positions = Array(repeating: 0, count: jobs.count)
      let parents = pipeline.infer[step].on.map { on in
        jobs.map { starts[on][$0.source.crop] + $0.source.position }
      }
      let order = parents.map { parents in jobs.indices.sorted { parents[$0] < parents[$1] } }
      for job in order ?? Array(jobs.indices) {
        positions[job] = list.count
        for answer in jobs[job].answers {
          var answer = answer
          (answer.step, answer.parent) = (step, parents?[job])
          if let parent = answer.parent { answer.box = answer.box ?? list[parent].box }
          list.append(answer)
        }
      }
      starts.append(positions)
    }
    return list
  }
}
