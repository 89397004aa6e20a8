extension KubernetesFiles {
  /// As many workers as there is work.
  func scaledWorkers(most: Int) -> YAMLText {
    """
    # KEDA 2.13 or newer must be there. A ScaledJob never ends a worker at work, where a ScaledObject does; 'gradual' keeps running Jobs when this file changes.
    apiVersion: keda.sh/v1alpha1
    kind: ScaledJob
    metadata:
      name: ridley-workers
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: worker }
    spec:
      pollingInterval: 10
      minReplicaCount: 0
      maxReplicaCount: \(most)
      successfulJobsHistoryLimit: 2
      failedJobsHistoryLimit: 5
      rollout: { strategy: gradual }
      scalingStrategy:
        strategy: default # wanted less running: right for a figure that has taken tasks in it
      triggers:
        - type: metrics-api
          metadata:
            url: \("http://ridley.\(site.title).svc:8080/v1/jobs/backlog")
            valueLocation: backlog
            targetValue: "4" # tasks for one worker; a task takes about 15 seconds of a processor
            authMode: bearer
          authenticationRef: { name: ridley-backlog }
      jobTargetRef:
        parallelism: 1
        completions: 1
        backoffLimit: 3
        ttlSecondsAfterFinished: 3600
        template:

    """
      + pod(
        "worker", working("worker, --until-idle, --library, /data/library\(word: site.modelWords)"), site.worker,
        volume: true, ends: true
      ).indented(6) + authentication
  }

  private var authentication: YAMLText {
    """
    ---
    # An operator's key counts the tasks of all clients; that of one client its own alone.
    apiVersion: keda.sh/v1alpha1
    kind: TriggerAuthentication
    metadata:
      name: ridley-backlog
      labels: { app.kubernetes.io/name: ridley }
    spec:
      secretTargetRef:
        - { parameter: token, name: ridley-backlog-key, key: key }

    """
  }

  var keyJob: YAMLText {
    """
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: ridley-key
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: key }
    spec:
      backoffLimit: 0 # a second attempt would be a second key
      ttlSecondsAfterFinished: 600
      template:

    """
      + pod(
        "key", working("key, create, --client, ops, --scope, admin, --expires, 90d, --library, /data/library"),
        RenderedSite.Share(replicas: 1, cores: 1, memory: 512, disk: 128), volume: true, ends: true
      ).indented(4)
  }

  var keyKustomization: YAMLText {
    """
    # A key, made in the library that the addresses lead to, and shown once in the log:
    #   kubectl apply -k key ; kubectl logs -n \(word: site.title) job/ridley-key ; kubectl delete -n \(word: site.title) job ridley-key
    # Where logs are gathered, the key is in what was gathered: make it on a machine of yours instead.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: \(site.title)
    resources: [job.yaml]

    """
  }

  var runtimeKustomization: YAMLText {
    """
    # For clusters with KServe, beside the rest or without it: kubectl apply -k kserve
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: \(site.title)
    resources: [runtime.yaml]

    """
  }

  /// Models by KServe: a runtime that an InferenceService names.
  var runtime: YAMLText {
    """
    # What an InferenceService runs that says 'modelFormat: { name: ridley }'. Its storageUri is a folder of models as 'ridley serve --models' reads it,
    # NAME/VERSION/ with a model.yaml in each; they are asked as /v2/models/NAME/infer, whatever the InferenceService is called.
    # In front of it stands KServe's own gateway: the server in a pod asks for a key of its own, which the first log shows (RIDLEY_FIRST_KEY).
    apiVersion: serving.kserve.io/v1alpha1
    kind: ServingRuntime
    metadata:
      name: ridley
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: runtime }
    spec:
      annotations: # Prometheus' figures, which need a key that may read
        prometheus.kserve.io/port: "8080"
        prometheus.kserve.io/path: /metrics
      supportedModelFormats:
        - { name: ridley, version: "1", autoSelect: true, priority: 1 }
      protocolVersions: [v2]

    """ + runtimeContainer
  }

  private var runtimeContainer: YAMLText {
    """
      containers:
        - name: kserve-container # the name that KServe looks for
          image: \(site.image)
          args: [serve, --listen, "0.0.0.0:8080", --models, /mnt/models]
          env:
            - { name: RIDLEY_FIRST_KEY, value: "1" } # "0" where a key is mounted: docs/serving.md
          ports:
            - { containerPort: 8080, protocol: TCP } # without a name: KServe gives the one that its gateway wants
          readinessProbe:
            httpGet: { path: /readyz, port: 8080 }
            periodSeconds: 5
            timeoutSeconds: 5

    """ + resources("runtime", site.server, disk: false).indented(6) + """
              runAsNonRoot: true # a runtime has no such words for the whole pod
              runAsUser: 65534
              runAsGroup: 65534
              seccompProfile: { type: RuntimeDefault }
            volumeMounts:
              - { name: data, mountPath: /data }
              - { name: tmp, mountPath: /tmp }
        volumes:
          - name: data
            emptyDir: { sizeLimit: 4Gi }
          - name: tmp
            emptyDir: { medium: Memory, sizeLimit: 64Mi }

      """
  }
}
