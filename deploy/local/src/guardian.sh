#!/bin/sh
# Outlives the supervisor by seconds: when its standard input closes, however the supervisor ended, it stops every process named on it.
# Lines: "+ PID SIGNAL START" adds one (START is field 22 of /proc/PID/stat, or "-"), "- PID" removes it, "." means a clean end.
list=""
while IFS=' ' read -r sign pid signal start; do
  case $sign in
    +) list="$list $pid:$signal:$start" ;;
    -)
      kept=""
      for entry in $list; do [ "${entry%%:*}" = "$pid" ] || kept="$kept $entry"; done
      list=$kept
      ;;
    .) exit 0 ;;
  esac
done

# True while that very process runs: a number that was given to another process since does not count.
alive() {
  kill -0 "$1" 2>/dev/null || return 1
  [ "$2" = "-" ] && return 0
  [ -r "/proc/$1/stat" ] || return 1
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # After the name in parentheses: state is field 1, start time field 20.
  set -- "$2" ${line##*') '}
  [ "$2" != "Z" ] && [ "${21}" = "$1" ]
}

# Processes were added in the order they started; services are told first, the servers they use once those have gone.
stop() {
  for entry in $1; do
    pid=${entry%%:*}; rest=${entry#*:}
    alive "$pid" "${rest#*:}" && kill -"${rest%%:*}" "$pid" 2>/dev/null
  done
  round=0
  while [ "$round" -lt "$2" ]; do
    left=no
    for entry in $1; do
      rest=${entry#*:}
      alive "${entry%%:*}" "${rest#*:}" && left=yes
    done
    [ $left = no ] && return 0
    sleep 0.1
    round=$((round + 1))
  done
  for entry in $1; do
    pid=${entry%%:*}; rest=${entry#*:}
    alive "$pid" "${rest#*:}" && kill -KILL "$pid" 2>/dev/null
  done
}

services=""; servers=""
for entry in $list; do
  rest=${entry#*:}
  # Servers (Postgres: fast shutdown) are stopped by INT, services by TERM.
  case ${rest%%:*} in INT) servers="$servers $entry" ;; *) services="$services $entry" ;; esac
done
stop "$services" 50
stop "$servers" 50
exit 0
