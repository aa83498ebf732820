// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a function on every TDMR, on as many CPUs as there are TDMRs or heavy CPUs.  The
 * largest TDMRs come first, so that the CPUs finish at about the same time, and each CPU
 * takes the TDMRs of its own node before it helps other nodes.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "host.h"

struct job {
	const struct tdmr_plan *plan;
	int (*fn)(const struct tdmr *tdmr, const bool *stop);
	const struct tdmr *order[TDX_MAX_TDMRS];	/* largest first */
	atomic_t taken[TDX_MAX_TDMRS];
	bool stop;
};

/* The largest TDMR that is not taken, first of this CPU's node. */
static const struct tdmr *take(struct job *job)
{
	int node = numa_node_id(), pass;
	u32 i;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < job->plan->nr_tdmrs; i++)
			if ((pass || job->order[i]->node == node) &&
			    !atomic_read(&job->taken[i]) &&
			    !atomic_cmpxchg(&job->taken[i], 0, 1))
				return job->order[i];
	return NULL;
}

static int worker(void *arg)
{
	struct job *job = arg;
	const struct tdmr *tdmr;
	int err = 0;

	while (!err && !READ_ONCE(job->stop)) {
		tdmr = take(job);
		if (!tdmr)
			break;
		err = job->fn(tdmr, &job->stop);
	}
	if (err)
		WRITE_ONCE(job->stop, true);
	return err;
}

/* Insertion: there are at most 64. */
static void largest_first(struct job *job)
{
	const struct tdmr_plan *plan = job->plan;
	u32 i, j;

	for (i = 0; i < plan->nr_tdmrs; i++) {
		for (j = i; j && job->order[j - 1]->size < plan->tdmrs[i].size; j--)
			job->order[j] = job->order[j - 1];
		job->order[j] = &plan->tdmrs[i];
	}
}

/* A CPU of @left on @node (any: NUMA_NO_NODE), a whole core to itself if @core. */
static int pick(const struct cpumask *left, const struct cpumask *chosen, int node, bool core)
{
	int cpu;

	for_each_cpu(cpu, left) {
		if (node != NUMA_NO_NODE && cpu_to_node(cpu) != node)
			continue;
		if (!core || !cpumask_intersects(topology_sibling_cpumask(cpu), chosen))
			return cpu;
	}
	return nr_cpu_ids;
}

/*
 * A CPU for each TDMR as far as there are any, of the TDMR's node and one per
 * core where it can be.  No more CPUs than TDMRs: they would wake for nothing.
 */
static void choose_workers(const struct job *job, struct cpumask *chosen, struct cpumask *left)
{
	int node, cpu;
	u32 i;

	tdx_heavy_cpus(left);
	cpumask_clear(chosen);
	for (i = 0; i < job->plan->nr_tdmrs && !cpumask_empty(left); i++) {
		node = job->order[i]->node;
		cpu = pick(left, chosen, node, true);
		if (cpu >= nr_cpu_ids)
			cpu = pick(left, chosen, node, false);
		if (cpu >= nr_cpu_ids)
			cpu = pick(left, chosen, NUMA_NO_NODE, true);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(left);
		cpumask_clear_cpu(cpu, left);
		cpumask_set_cpu(cpu, chosen);
	}
}

/* Where a CPU did not begin, those that did have taken its share. */
static int run(struct job *job, const struct cpumask *chosen)
{
	int ret = tdx_on_cpus(chosen, worker, job, NULL);

	if (ret < 0)
		return ret;
	if (job->stop)
		return -EIO;
	if (ret < cpumask_weight(chosen))
		return 0;
	tdx_error("none of CPUs %*pbl has begun its work: real-time tasks seem to keep them to themselves; stop those, or name other CPUs by cpus=",
		  cpumask_pr_args(chosen));
	return -EIO;
}

int tdx_for_each_tdmr(const struct tdmr_plan *plan,
		      int (*fn)(const struct tdmr *tdmr, const bool *stop))
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	cpumask_var_t chosen, left;
	int ret = -ENOMEM;

	if (!job)
		return -ENOMEM;
	if (!zalloc_cpumask_var(&chosen, GFP_KERNEL))
		goto out_job;
	if (!zalloc_cpumask_var(&left, GFP_KERNEL))
		goto out_chosen;

	job->plan = plan;
	job->fn = fn;
	largest_first(job);
	choose_workers(job, chosen, left);
	ret = run(job, chosen);

	free_cpumask_var(left);
out_chosen:
	free_cpumask_var(chosen);
out_job:
	kfree(job);
	return ret;
}
