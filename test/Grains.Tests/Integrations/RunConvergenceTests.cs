using CsCheck;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Grains.Tests.Integrations;

/// <summary>
/// Runs are repeated in a world in memory where any call may fail or be cut off, before or after its effect, and where other
/// people edit both sides in between. Whatever happens, they come to an end, and to the right one.
/// </summary>
public sealed class RunConvergenceTests
{
    private static readonly IntegrationKey Key = new("team", "slack");

    private enum Mishap
    {
        None,
        CutOffBefore,
        CutOffAfter,
        FailedBefore,
        AnswerLost,
        Refused,
        Throttled,
    }

    private enum Edit
    {
        None,
        RenameInNango,
        DeleteInNango,
        RecreateInNango,
        RenameInSpec,
        ChangeCustom,
        RotateSecret,
        ToggleSuspend,
        MoveToOtherEnvironment,
        ClaimByAnother,
        ClaimGone,
        Delete,
    }

    private static readonly Gen<Mishap> GenMishap = Gen.Frequency(
        (12, Gen.Const(Mishap.None)),
        (2, Gen.Const(Mishap.CutOffBefore)),
        (2, Gen.Const(Mishap.CutOffAfter)),
        (2, Gen.Const(Mishap.FailedBefore)),
        (2, Gen.Const(Mishap.AnswerLost)),
        (1, Gen.Const(Mishap.Refused)),
        (1, Gen.Const(Mishap.Throttled)));

    private static readonly Gen<(Mishap[] Mishaps, Edit[] Edits, bool Foreign, bool Readable, int Policy)> GenHistory =
        Gen.Select(GenMishap.Array[0, 40], Gen.Int[0, 11].Select(i => (Edit)i).Array[0, 8], Gen.Bool, Gen.Bool, Gen.Int[0, 2]);

    [Fact]
    public void Every_history_ends_rightly() => GenHistory.Sample(
        history =>
        {
            var world = new World(history.Mishaps, history.Foreign, history.Readable, (DeletionPolicy)history.Policy);
            foreach (var edit in history.Edits)
            {
                world.Make(edit);
                world.RunOnce();
            }

            world.RunToTheEnd();
            world.AssertEnd();
        },
        iter: 3000);

    private sealed class World
    {
        private const string UniqueKey = "slack-key";

        private readonly FakeTimeProvider _time = new(IntegrationBuilder.Born.AddHours(1));
        private readonly Wire _wire = new();
        private readonly InMemoryCluster _cluster;
        private readonly InMemoryNango _nango;
        private readonly Permissions _permissions = new();
        private readonly IntegrationRun _run;
        private readonly Queue<Mishap> _mishaps;
        private readonly HashSet<string> _foreign = new(StringComparer.Ordinal);
        private int _versions, _remoteDeletions, _moves;
        private bool _recheck = true;
        private Outcome? _last;

        public World(Mishap[] mishaps, bool foreign, bool readable, DeletionPolicy policy)
        {
            _mishaps = new Queue<Mishap>(mishaps);
            _cluster = new InMemoryCluster(_wire);
            _nango = new InMemoryNango(_wire);
            var grains = new LocalEnvironmentGrains(_time);
            var access = new EnvironmentAccess(_nango, new EnvironmentPermits(grains, new EnvironmentHold(_time), _time), new ProviderCatalogue(grains, _time));
            var none = new InMemoryEnvironments();
            var environments = new EnvironmentResolver(none, none, new EnvironmentTokens(_cluster), _permissions);
            _run = new IntegrationRun(
                new IntegrationExecutor(_cluster, _permissions, _cluster, new ValueResolver(_cluster, _permissions, environments), access, environments, new RecordedEnvironment(_cluster, _permissions, none, environments)), environments, new ReconcileOptions(), _time);
            foreach (var token in (string[])[A.Token, A.OtherToken])
            {
                _nango.Environment(token).CredentialsReadable = readable;
                if (foreign) PutForeign(token, older: true);
            }

            Make(Edit.RotateSecret);
            _cluster.Put(An.Integration().Credentials(c => c with { ClientSecret = SensitiveValue.FromSecret(new SecretKeySelector { Name = "app", Key = "pw" }) })
                .Spec(s => s with { DeletionPolicy = policy, Custom = Custom("v-0") }).Build());
            _wire.Before = Before;
            _wire.After = After;
        }

        private NangoIntegration? Resource => _cluster.Find(Key);

        private string Token => Resource!.Spec!.NangoToken!.Reveal();

        public void Make(Edit edit)
        {
            var here = _nango.Environment(Resource is null ? A.Token : Token);
            _recheck = true;
            switch (edit)
            {
                case Edit.RenameInNango when here.Integrations.TryGetValue(UniqueKey, out var found):
                    here.Integrations[UniqueKey] = found with { DisplayName = "By hand", UpdatedAt = here.Tick() };
                    break;
                case Edit.DeleteInNango when here.Integrations.Remove(UniqueKey):
                    _remoteDeletions++;
                    break;
                case Edit.RecreateInNango:
                    if (here.Integrations.ContainsKey(UniqueKey)) _remoteDeletions++;
                    PutForeign(Resource is null ? A.Token : Token, older: false);
                    break;
                case Edit.RotateSecret:
                    _cluster.PutSecret("app", ("pw", $"pw-{++_versions}"));
                    break;
                case Edit.ClaimByAnother:
                    _permissions.Owners[UniqueKey] = new IntegrationKey("other", "slack");
                    break;
                case Edit.ClaimGone:
                    _permissions.Owners.Clear();
                    break;
                case Edit.Delete:
                    _cluster.Delete(Key, _time.GetUtcNow());
                    break;
                case Edit.RenameInSpec when Resource is not null:
                    _cluster.Edit(Key, s => s with { DisplayName = $"Slack {++_versions}" });
                    break;
                case Edit.ChangeCustom when Resource is not null:
                    _cluster.Edit(Key, s => s with { Custom = Custom($"v-{++_versions}") });
                    break;
                case Edit.ToggleSuspend when Resource is not null:
                    _cluster.Edit(Key, s => s with { Suspend = s.Suspend != true });
                    break;
                case Edit.MoveToOtherEnvironment when Resource is not null:
                    _moves++;
                    _cluster.Edit(Key, s => s with { NangoToken = SensitiveValue.FromLiteral(Token == A.Token ? A.OtherToken : A.Token) });
                    break;
            }
        }

        public void RunToTheEnd()
        {
            for (var round = 0; round < 200; round++)
            {
                if (Resource is not { } resource || ReconcileTrigger.NextRun(resource, _recheck, _time.GetUtcNow()) is not { } due) return;
                if (due > _time.GetUtcNow()) _time.Advance(due - _time.GetUtcNow());
                RunOnce();
            }

            Assert.Fail($"no end in sight: {_last}");
        }

        /// <summary>What the grain does with a run: report it, and come back when it says so.</summary>
        public void RunOnce()
        {
            if (Resource is not { } resource) return;
            try
            {
                var (seen, outcome) = Wait(_run.ExecuteAsync(resource.Redact(), CancellationToken.None));
                _last = outcome;
                var report = IntegrationReporter.Build(seen, outcome, _time.GetUtcNow(), null, 0.5);
                if (report.Status is { } status)
                {
                    ConditionRules.AssertHold(seen.Resource!.Status, status, seen.Resource.IsDeleting);
                    Wait(_cluster.ReplaceStatusAsync(seen.Resource, status, CancellationToken.None));
                }

                if (outcome is Outcome.Waiting waiting) _time.Advance(waiting.Delay + TimeSpan.FromSeconds(1));
                else if (outcome is not Outcome.ReadAgain) _recheck = false;
            }
            catch (FailureException)
            {
                // The status could not be written: the run is repeated.
            }
            catch (OperationCanceledException)
            {
                // The process died; another one finds the resource as it is.
            }
        }

        public void AssertEnd()
        {
            foreach (var token in (string[])[A.Token, A.OtherToken])
            {
                var environment = _nango.Environment(token);
                Assert.DoesNotContain(environment.DeletedByOperator, made => _foreign.Contains(made) && !WasTakenOver(environment, made));
                Assert.InRange(environment.CreatedByOperator.Count, 0, 1 + _remoteDeletions + _moves);
            }

            if (Resource is not { } ended) return;
            // Server errors that repeat count as permanent, too.
            Assert.True(_last is Outcome.InSync or Outcome.Suspended or Outcome.Conflict || ended.Status!.IsTrue(ConditionTypes.Stalled), $"ended with {_last}");

            // Once nothing goes wrong any more, the next check mends what had been refused.
            _mishaps.Clear();
            _recheck = true;
            RunToTheEnd();
            if (Resource is not { } resource) return;
            Assert.True(_last is Outcome.InSync or Outcome.Suspended or Outcome.Conflict, $"ended with {_last}");
            if (_last is Outcome.InSync) AssertAgreement(resource);

            var writes = _wire.Writes;
            RunOnce();
            Assert.True(_last is Outcome.InSync { Change: null } or Outcome.Suspended or Outcome.Conflict, $"ended with {_last}");
            Assert.Equal(writes, _wire.Writes);
        }

        private void AssertAgreement(NangoIntegration resource)
        {
            var remote = _nango.Environment(Token).Integrations[UniqueKey];
            Assert.Equal((resource.Spec!.DisplayName, $"pw-{CurrentPassword()}"), (remote.DisplayName, remote.Credentials!.ClientSecret));
            Assert.Equal(resource.Spec.Custom, _nango.Environment(Token).Custom[UniqueKey]);
            Assert.True(resource.HasFinalizer && resource.Status!.IsTrue(ConditionTypes.Ready));
            Assert.Equal((remote.CreatedAt, remote.UpdatedAt), (resource.Status!.Nango!.CreatedAt, resource.Status.Nango.UpdatedAt));
        }

        private string CurrentPassword() => Wait(_cluster.ReadAsync("team", "app", CancellationToken.None))!.Values["pw"]["pw-".Length..];

        private bool WasTakenOver(NangoWorld environment, string createdAt) =>
            environment.UpdatedByOperator.Contains(createdAt) || _cluster.Statuses.Any(s => s.Status.Nango?.CreatedAt == createdAt);

        private void PutForeign(string token, bool older)
        {
            var environment = _nango.Environment(token);
            var now = older ? (token == A.Token ? "2025-01-01T00:00:00.000Z" : "2025-02-01T00:00:00.000Z") : environment.Tick();
            environment.Integrations[UniqueKey] = A.Remote with { DisplayName = "Foreign", Credentials = A.Credentials with { ClientSecret = "foreign" }, CreatedAt = now, UpdatedAt = now };
            environment.Custom[UniqueKey] = Custom("foreign");
            // Nobody can tell a younger one from the work of a run whose report was cut off.
            if (older) _foreign.Add(now);
        }

        private Task Before(string call)
        {
            switch (_mishaps.TryPeek(out var mishap) ? mishap : Mishap.None)
            {
                case Mishap.CutOffBefore:
                    _mishaps.Dequeue();
                    throw new OperationCanceledException();
                case Mishap.FailedBefore:
                    _mishaps.Dequeue();
                    throw Wire.Failing(FailureKind.Transient, Reasons.ServerError);
                case Mishap.Refused:
                    _mishaps.Dequeue();
                    throw Wire.Failing(FailureKind.Terminal, Reasons.Rejected);
                case Mishap.Throttled:
                    _mishaps.Dequeue();
                    if (IsNango(call)) throw Wire.Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(5));
                    throw Wire.Failing(FailureKind.Conflict, Reasons.ObjectChanged);
            }

            return Task.CompletedTask;
        }

        private Task After(string call)
        {
            if (!_mishaps.TryDequeue(out var mishap)) return Task.CompletedTask;
            return mishap switch
            {
                Mishap.CutOffAfter => throw new OperationCanceledException(),
                Mishap.AnswerLost => throw Wire.Failing(FailureKind.Transient, Reasons.Timeout),
                _ => Task.CompletedTask,
            };
        }

        private static Dictionary<string, string> Custom(string value) => new(StringComparer.Ordinal) { ["k"] = value };

        private static bool IsNango(string call) => call.Split(' ')[0] is "look" or "create" or "update" or "delete" or "provider" or "providers" or "connections";

        // Everything in this world is at hand; only permits and providers come from another thread, in a moment.
        private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
    }
}
