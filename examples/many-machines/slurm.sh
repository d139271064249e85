#!/bin/sh
# Interpolates a video on a Slurm cluster: sh slurm.sh IN OUT [options of interpolate]
#
# The video is planned here; with $SHARDS, an array job of so many tasks scans it first, for long videos. An array job makes its
# segments, 50 at a time, and a last job joins them.
# $SLOMO is the command that starts slomo on every machine, and $SLURM_OPTIONS selects their GPUs.
set -eu
slomo=${SLOMO:-deno task --quiet --config /opt/slomo/deno.json}
folder=$2.segments

if [ -n "${SHARDS:-}" ]; then
  $slomo segments plan "$@" --shards "$SHARDS" >/dev/null
  sbatch --wait --array="0-$((SHARDS - 1))" \
    --wrap "$slomo segments scan '$folder' \$SLURM_ARRAY_TASK_ID --quiet" >/dev/null
  count=$($slomo segments merge "$folder")
else
  count=$($slomo segments plan "$@")
fi
make=$(sbatch --parsable --array="0-$((count - 1))%50" --requeue ${SLURM_OPTIONS:---gpus=1} \
  --wrap "$slomo segments make '$folder' \$SLURM_ARRAY_TASK_ID --quiet")
sbatch --dependency="afterok:$make" --wrap "$slomo segments join '$folder' --quiet"
